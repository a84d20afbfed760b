// Files go on their way as soon as they are chosen, by tus 1.0.0 (https://tus.io/protocols/resumable-upload): a line that breaks costs
// nothing that had arrived. Without scripts the form itself sends them.
"use strict";

(() => {
  const place = document.getElementById("sending");
  if (document.getElementById("receipt")) forgetAll(); // they are with their report
  if (!place) return;

  const words = place.dataset;
  const form = place.closest("form");
  const list = place.querySelector("ul");
  const said = place.querySelector("[role=status]");
  const fault = place.querySelector("[role=alert]");
  const address = "/api/v1/uploads";
  const first = 4096; // enough for the line to see of what kind a file is, before the rest is sent
  // Bytes of a part. The line keeps what has come of one that breaks, but what stands before the line may hold a part back until it is whole: so
  // a part is what goes in about four seconds, within bounds. After each the line has to be waited for until all of it is safe.
  const least = 32 << 20, span = 4;
  let most = 128 << 20;
  const patience = 15; // times that a line without room is asked again, every 20 seconds
  const stall = 60_000; // after which a line on which nothing moves counts as broken
  const items = [];
  let part = least, working = false, pressed = null; // the button that waits until all has arrived

  // --- what a page that is loaded anew knows ---
  // Under a hash of name, size and date, so that what a browser keeps of a tab names no file.
  const prefix = "heed-upload:";
  function hash(file) {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (const c of file.name + "|" + file.size + "|" + file.lastModified) {
      a = Math.imul(a ^ c.codePointAt(0), 2654435761);
      b = Math.imul(b ^ c.codePointAt(0), 1597334677);
    }
    return prefix + (a >>> 0).toString(36) + (b >>> 0).toString(36);
  }
  function stored() {
    try { return Object.keys(sessionStorage).filter((k) => k.startsWith(prefix)); } catch { return []; }
  }
  function forgetAll() {
    try { for (const k of Object.keys(sessionStorage)) if (k.startsWith("heed-upload:")) sessionStorage.removeItem(k); } catch { /* it keeps nothing */ }
  }
  const recall = (item) => { try { return sessionStorage.getItem(item.hash); } catch { return null; } };
  const remember = (item) => { try { if (!item.once) sessionStorage.setItem(item.hash, item.at); } catch { /* then a reload begins anew */ } };
  const forget = (item) => { try { sessionStorage.removeItem(item.hash); } catch { /* likewise */ } };

  // --- words ---
  const lang = document.documentElement.lang;
  const write = (n, unit) => new Intl.NumberFormat(lang, { numberingSystem: "latn", style: "unit", unit, unitDisplay: "long" }).format(n);
  const share = new Intl.NumberFormat(lang, { numberingSystem: "latn", style: "percent" });
  function left(seconds) {
    if (seconds < 60) return write(Math.max(5, Math.ceil(seconds / 5) * 5), "second");
    if (seconds < 3600) return write(Math.ceil(seconds / 60), "minute");
    return write(Math.ceil(seconds / 3600), "hour");
  }
  const named = (text, item) => text.replaceAll("{name}", () => item.file.name);

  // Files go whether or not what they say can be told.
  const retell = () => { try { globalThis.heedTells?.tell(form); } catch { /* then it isn't */ } };

  function complain(text) {
    fault.textContent = text;
    fault.hidden = !text;
  }

  // --- one file ---
  // once is of a file that can't be chosen again: no button of the form leaves it behind unsaid. add gives whether it was taken.
  function add(file, once) {
    const item = { file, once, hash: hash(file), at: null, offset: null, tries: 0, full: 0, state: "read" };
    if (items.some((i) => i.hash === item.hash && i.state !== "failed")) return true;
    if (items.filter((i) => i.state !== "failed").length + Number(words.added) >= Number(words.files)) return complain(words.many);
    const size = Number(words.bytes);
    if (file.size === 0) return complain(named(words.empty, item));
    if (file.size > size) return complain(named(words.large, item));
    if (refusable.test(file.type)) return complain(named(words.kind, item));
    item.row = row(item);
    items.push(item);
    list.append(item.row);
    // What the file says beside is read before anything of it is sent, where that is read at all and soon.
    const offered = (async () => globalThis.heedTells?.offer(file, item.row, words))();
    Promise.race([offered, new Promise((resolve) => setTimeout(resolve, 3000))]).catch(() => { /* then nothing of it is told */ }).finally(() => { if (!item.gone) item.state = "waiting"; work(); });
    return true;
  }

  // What the line refuses for sure; anything else it looks at itself.
  const refusable = /^(application\/(zip|x-zip|x-7z|x-rar|vnd\.rar|x-tar|gzip|x-gzip|x-msdownload|x-msdos|x-dosexec|java-archive|vnd\.android|x-apple-diskimage|json|javascript|xhtml)|text\/(html|javascript|css|xml))/;

  function row(item) {
    const li = document.createElement("li");
    const name = document.createElement("span"), bdi = document.createElement("bdi");
    name.className = "file-name";
    bdi.textContent = item.file.name;
    name.append(bdi);
    const button = (text, label, act) => {
      const b = document.createElement("button");
      b.type = "button";
      b.className = "button-link";
      b.textContent = text;
      b.setAttribute("aria-label", named(label, item));
      b.addEventListener("click", () => act(item));
      return b;
    };
    const retry = button(words.retry, words.retryName, again);
    retry.hidden = true;
    retry.dataset.retry = "";
    const bar = document.createElement("progress");
    bar.max = item.file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", item.file.name);
    const how = document.createElement("span");
    how.className = "hint how";
    li.append(name, button(words.remove, words.removeName, remove), bar, how, retry);
    return li;
  }

  function show(item, state, text) {
    item.state = state;
    item.row.dataset.state = state;
    item.row.querySelector(".how").textContent = text;
    item.row.querySelector("progress").hidden = state === "arrived" || state === "failed";
    item.row.querySelector("[data-retry]").hidden = state !== "failed";
    if (state !== "failed") return;
    item.row.querySelector(".tells")?.remove(); // of a file that isn't sent nothing is told
    retell();
  }

  function progress(item, sent) {
    const now = performance.now();
    if (item.since === undefined || sent < item.from) { item.since = now; item.from = sent; }
    const pace = (sent - item.from) / Math.max(1, now - item.since) * 1000;
    item.row.querySelector("progress").value = sent;
    const text = share.format(Math.floor(sent / item.file.size * 100) / 100);
    show(item, "sending", now - item.since > 2000 && pace > 0 ? text + " · " + words.left.replace("{time}", left((item.file.size - sent) / pace)) : text);
  }

  function remove(item) {
    const next = item.row.nextElementSibling ?? item.row.previousElementSibling;
    item.gone = true;
    item.request?.abort();
    item.wake?.();
    if (item.at) ask("DELETE", item.at, {}, null, {}); // and where that fails, it ends by itself
    forget(item);
    items.splice(items.indexOf(item), 1);
    item.row.remove();
    tell();
    (next?.querySelector("button") ?? form.querySelector("input[type=file]")).focus();
  }

  // again sends a file anew that failed.
  function again(item) {
    complain("");
    if (!add(item.file, item.once)) return; // why not is said
    remove(item);
    items.at(-1).row.querySelector("button").focus();
  }

  // --- the protocol ---
  function ask(method, url, headers, body, item) {
    return new Promise((resolve) => {
      const x = item.request = new XMLHttpRequest();
      let timer = 0;
      const moves = () => { clearTimeout(timer); timer = setTimeout(() => x.abort(), stall); };
      x.open(method, url);
      for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", "Accept-Language": lang, ...headers })) x.setRequestHeader(name, value);
      x.upload.addEventListener("progress", (event) => { moves(); if (body && item.row) progress(item, item.offset + event.loaded); });
      x.addEventListener("loadend", () => { clearTimeout(timer); resolve(x); });
      moves();
      x.send(body);
    });
  }

  const answer = (x) => { try { return JSON.parse(x.responseText); } catch { return {}; } };

  // Waits, longer each time, or until the browser has a connection again.
  async function pause(item, text, seconds) {
    if (item.gone) return;
    show(item, "waiting", text);
    item.since = undefined;
    await new Promise((resolve) => {
      const timer = setTimeout(done, 1000 * (seconds ?? Math.min(20, 2 ** Math.min(item.tries++, 5) / 2)));
      function done() { clearTimeout(timer); removeEventListener("online", done); item.wake = null; resolve(); }
      addEventListener("online", done);
      item.wake = done;
    });
  }

  // Waits until there is room, but not for ever: the form waits for it.
  async function room(item, doc) {
    if (item.gone) return;
    if (item.full++ < patience) return pause(item, doc.detail || words.broken, 20);
    if (item.at) ask("DELETE", item.at, {}, null, {}); // and where that fails, it ends by itself
    forget(item);
    item.at = null;
    show(item, "failed", words.full);
  }

  async function begin(item) {
    const name = btoa(Array.from(new TextEncoder().encode(item.file.name), (b) => String.fromCharCode(b)).join(""));
    const headers = { "Upload-Length": item.file.size, "Upload-Metadata": "filename " + name };
    if (item.pass) headers["Heed-Pass"] = item.pass;
    const x = await ask("POST", address, headers, null, item);
    if (x.status === 201) {
      item.at = x.getResponseHeader("Location");
      item.offset = 0;
      item.pass = null;
      return remember(item);
    }
    const doc = answer(x);
    if (x.status === 429 && doc.challenge) { // a crowd: waiting is let in, too
      await pause(item, words.crowd, doc.challenge.wait + 1);
      item.pass = doc.challenge.ticket;
    } else if (x.status === 507) await room(item, doc);
    else if (x.status === 0 || x.status >= 500 || x.status === 429) {
      await pause(item, words.broken);
    } else show(item, "failed", doc.detail || words.failed);
  }

  async function find(item) {
    const x = await ask("HEAD", item.at, {}, null, item);
    const offset = Number(x.getResponseHeader("Upload-Offset"));
    if (x.status === 204) item.offset = offset;
    else if (x.status === 404 || x.status === 410) { forget(item); item.at = null; } else await pause(item, words.broken);
  }

  async function go(item) {
    const to = item.offset === 0 ? Math.min(first, item.file.size) : Math.min(item.offset + part, item.file.size);
    const body = item.file.slice(item.offset, to), began = performance.now();
    const x = await ask("PATCH", item.at, { "Content-Type": "application/offset+octet-stream", "Upload-Offset": item.offset }, body, item);
    const doc = answer(x);
    if (x.status === 204) {
      item.offset = Number(x.getResponseHeader("Upload-Offset"));
      item.tries = item.full = 0;
      if (body.size >= least) part = Math.round(Math.min(most, Math.max(least, body.size / (performance.now() - began) * 1000 * span)));
      if (item.offset < item.file.size) progress(item, item.offset);
      return;
    }
    item.offset = null; // to be asked for
    part = least;
    if (x.status === 413 && body.size > least) most = least; // a proxy takes less at once
    else if (x.status === 507) await room(item, doc);
    else if (x.status === 0 || x.status >= 500 || x.status === 409 || x.status === 429) {
      if (!item.gone) await pause(item, words.broken);
    } else if (x.status === 404 || x.status === 410) { forget(item); item.at = null; } else {
      forget(item);
      item.at = null;
      show(item, "failed", doc.detail || words.failed);
    }
  }

  async function send(item) {
    item.at = recall(item);
    while (!item.gone && item.state !== "failed") {
      if (!item.at) await begin(item);
      else if (item.offset === null) await find(item);
      else if (item.offset === item.file.size) return show(item, "arrived", words.arrived);
      else await go(item);
    }
  }

  // One after another: so each has the whole line, and the first are safe soon.
  async function work() {
    if (working) return;
    working = true;
    for (let item; (item = items.find((i) => i.state === "waiting"));) {
      await send(item);
      if (item.gone) continue;
      said.textContent = item.state === "arrived" ? named(words.arrivedName, item) : item.file.name + ": " + item.row.querySelector(".how").textContent;
      tell();
    }
    working = false;
    if (!pressed || items.some((i) => i.state === "read")) return;
    const button = pressed;
    pressed = null;
    const failed = items.filter((i) => i.state === "failed");
    if (failed.length === 0) return form.requestSubmit(button);
    complainOf(failed);
  }

  function complainOf(failed) {
    failed.forEach((i) => { i.told = true; });
    complain(failed.map((i) => i.file.name + ": " + i.row.querySelector(".how").textContent).join(" "));
    fault.focus();
  }

  // tell puts what has arrived into the form.
  function tell() {
    let field = form.elements.uploads;
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "uploads";
      form.append(field);
    }
    const arrived = items.filter((i) => i.state === "arrived");
    for (const i of arrived) i.row.dataset.at = i.at;
    field.value = arrived.map((i) => i.at).join("\n");
    retell();
    place.querySelector("[data-again]").hidden = stored().every((k) => items.some((i) => i.hash === k));
  }

  // --- choosing ---
  // What is refused of one choice stays said, whatever else is in it.
  function take(files) {
    complain("");
    files.forEach((file) => add(file, false));
  }

  globalThis.heedUpload = (file) => { complain(""); return add(file, true) === true; }; // record.js

  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const chosen = Array.from(input.files);
      input.value = ""; // the form itself sends none
      take(chosen);
    });
  }
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // a file that misses its place must not replace the page
      place.classList.toggle("over", kind !== "drop" && kind !== "dragleave" || kind === "dragleave" && event.relatedTarget !== null);
      if (kind === "drop") take(Array.from(event.dataTransfer.files));
    });
  }
  form.addEventListener("submit", (event) => {
    const untold = items.filter((i) => i.once && i.state === "failed" && !i.told);
    if (untold.length > 0) { // who goes on loses it
      event.preventDefault();
      return complainOf(untold);
    }
    const forward = !event.submitter || ["next", "add"].includes(event.submitter.value) || items.some((i) => i.once);
    if (!forward || items.every((i) => i.state === "arrived" || i.state === "failed")) {
      return items.filter((i) => i.state === "arrived").forEach(forget); // the form has them now
    }
    event.preventDefault();
    pressed = event.submitter;
    complain(words.still);
  });

  place.hidden = false;
  tell();
})();
