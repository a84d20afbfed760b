// The desk's keys, live events and updates in place. Everything here is also there without it: links, forms, pages.
"use strict";

(() => {
  const body = document.body;
  const main = document.getElementById("main");
  const by = (id) => document.getElementById(id);
  const typing = (el) => el.closest && el.closest("input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]");
  body.classList.add("scripted");

  // --- parts of pages in place ---------------------------------------------------------------------------------------

  let loading = null;
  let out = false; // the session has ended

  // load fetches an address as parts of this page and puts each in its region's place.
  async function load(address, options = {}) {
    if (loading) loading.abort();
    const mine = loading = new AbortController();
    try {
      const answer = await fetch(address, {
        method: options.method || "GET", body: options.body, signal: mine.signal,
        headers: { "X-Part": "1" }, credentials: "same-origin",
      });
      if (answer.status === 401) return signedOut();
      if (answer.headers.get("X-Part") !== "1") return await refused(answer, options.form);
      if (out) return location.assign(answer.url); // signed in again: this page has lost its other parts
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
      place(parts, options);
      const shown = answer.headers.get("X-Address");
      if (shown && !options.quiet && shown !== location.pathname + location.search) history.pushState({}, "", shown);
    } catch (e) {
      if (e.name !== "AbortError") say(body.dataset.failed);
    } finally {
      if (loading === mine) loading = null;
    }
  }

  // refused shows what is wrong beside what was typed, which stays as it is.
  async function refused(answer, form) {
    const kind = answer.headers.get("Content-Type") || "";
    const words = kind.startsWith("application/problem+json") ? (await answer.json()).detail : body.dataset.failed;
    if (!form || !form.isConnected || !form.matches(".panel, .decide")) return say(words);
    wrong(form, words);
    form.querySelector("textarea, select, input:not([type=hidden])").focus();
  }

  function wrong(form, words) {
    const old = form.querySelector(".field-error");
    const p = old || document.createElement("p");
    p.className = "field-error";
    p.setAttribute("role", "alert");
    p.textContent = words;
    if (!old) form.prepend(p);
    return p;
  }

  // signedOut leads to the sign-in page. Where somebody has typed what wasn't sent, that stays, and nothing else of any report.
  function signedOut() {
    const typed = [...document.querySelectorAll(".panel, .decide")].filter((form) => form.querySelector("textarea")?.value.trim());
    if (!typed.length) return location.assign("/sign-in");
    if (out) return;
    out = true;
    const focused = document.activeElement;
    for (const id of ["tabs", "queue", "assessment"]) by(id)?.replaceChildren();
    by("report").replaceChildren(...typed);
    for (const form of typed) {
      const link = document.createElement("a");
      Object.assign(link, { href: "/sign-in", target: "_blank", rel: "noopener", textContent: body.dataset.signIn });
      wrong(form, body.dataset.out).append(" ", link);
    }
    const field = focused.isConnected && focused.form === typed[0] ? focused : typed[0].querySelector("textarea");
    field.focus();
  }

  function place(parts, options) {
    const opened = by("report") && by("report").dataset.id;
    for (const fresh of parts.querySelectorAll("[data-region]")) {
      const old = by(fresh.id);
      if (!old || (options.only && !options.only.includes(fresh.id))) continue;
      if (fresh.id === "undo" && !fresh.firstElementChild) continue;
      const scroll = old.scrollTop;
      old.replaceWith(document.adoptNode(fresh));
      if (fresh.id === "queue") fresh.scrollTop = scroll;
    }
    ready();
    const report = by("report");
    body.classList.toggle("has-report", !!report.dataset.id);
    if (report.dataset.id && report.dataset.id !== opened) {
      report.scrollTop = 0;
      if (!options.keepFocus) report.focus({ preventScroll: true });
    } else if (!report.dataset.id) {
      current()?.querySelector("a").focus();
    }
    report.querySelector("[autofocus]")?.focus();
  }

  document.addEventListener("click", (e) => {
    const link = e.target.closest("a[data-part], a[data-back]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button || !by("queue")) return;
    e.preventDefault();
    if (link.matches("[data-row]")) select(link.closest(".row"), false);
    load(link.href);
  });

  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (!form.matches("form[data-part]") || !by("queue")) return;
    e.preventDefault();
    const fields = new URLSearchParams(new FormData(form, e.submitter));
    if (form.method === "get") {
      load(form.action + "?" + fields);
    } else {
      load(form.action, { method: "POST", body: fields, form });
    }
  });

  addEventListener("popstate", () => by("queue") ? load(location.href, { quiet: true }) : location.reload());

  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-submits]")) e.target.form.requestSubmit();
  });

  // --- the cursor in the queue ------------------------------------------------------------------------------------------

  let chosen = ""; // the report's id
  let seat = 0; // its place in the list: rows come and go, the place stays

  const rows = () => [...document.querySelectorAll("#rows > .row")];

  function current() {
    const all = rows();
    return all.find((r) => r.dataset.id === chosen) || all[Math.min(seat, all.length - 1)];
  }

  function select(row, focus = true) {
    if (!row) return;
    chosen = row.dataset.id;
    seat = rows().indexOf(row);
    for (const r of rows()) {
      const a = r.querySelector("a");
      if (r === row) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    }
    if (focus) row.querySelector("a").focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((r) => r.dataset.id === chosen);
    const next = here < 0 ? Math.min(seat, all.length - 1) : Math.max(0, Math.min(all.length - 1, here + by));
    select(all[next]);
  }

  // --- keys ----------------------------------------------------------------------------------------------------------------

  // Input methods and remote desktops may send a key's character apart from it: it must not land in the field that the
  // key has just opened.
  let handled = "";
  document.addEventListener("keypress", (e) => { if (e.key === handled) e.preventDefault(); });
  document.addEventListener("keyup", () => { handled = ""; });

  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && typing(e.target) && e.target.form) {
      e.preventDefault();
      e.target.form.requestSubmit(e.target.form.querySelector("button[data-default]"));
      return;
    }
    if (e.key === "Escape") return escape(e);
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector("dialog[open]")) return;
    if (e.key === "?") { e.preventDefault(); return by("help").showModal(); }
    const key = e.key.toLowerCase();
    if (key === "j" || key === "k") { e.preventDefault(); return move(key === "j" ? 1 : -1); }
    if (key === "n" && refresh()) return e.preventDefault();
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target || (target.closest("#call-bar") && by("draft"))) return; // a form is not left by a letter that missed its field
    e.preventDefault();
    handled = e.key;
    if (target.tagName === "DETAILS") return open(target);
    target.click();
  });

  function open(details) {
    details.open = true;
    (details.querySelector("input[type=radio]:checked") || details.querySelector("select:not([hidden]), input:not([type=hidden]), textarea")).focus();
  }

  // Opened by a click, a panel takes the focus too.
  document.addEventListener("toggle", (e) => {
    if (e.target.matches?.("details.act") && e.target.open && document.activeElement === e.target.querySelector("summary")) open(e.target);
  }, true);

  function escape(e) {
    const panel = document.querySelector("details.act[open], details.account[open]");
    if (panel) {
      e.preventDefault();
      panel.open = false;
      panel.querySelector("summary").focus();
      return;
    }
    const back = document.querySelector("#report[data-id] [data-back]");
    if (back && !typing(e.target) && !document.querySelector("dialog[open]")) {
      e.preventDefault();
      current()?.querySelector("a").focus();
    }
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    if (button.dataset.opens) by(button.dataset.opens).showModal();
    if (button.dataset.toggles) {
      const on = body.classList.toggle(button.dataset.toggles);
      button.setAttribute("aria-pressed", String(on));
    }
    if ("refreshes" in button.dataset) refresh();
    if (button.dataset.copies) {
      navigator.clipboard.writeText(by(button.dataset.copies).textContent).then(() => { button.textContent = button.dataset.copied; });
    }
  });

  // --- clocks ----------------------------------------------------------------------------------------------------------------

  function fill(pattern, a, b) { return pattern.replace("%a", a).replace("%b", b); }

  function span(minutes) {
    const d = body.dataset;
    if (minutes >= 2880) return fill(d.spanDh, Math.floor(minutes / 1440), Math.floor(minutes % 1440 / 60));
    if (minutes >= 60) return fill(d.spanHm, Math.floor(minutes / 60), minutes % 60);
    return fill(d.spanM, minutes);
  }

  function tick() {
    const now = Date.now() / 1000;
    for (const t of document.querySelectorAll("time[data-due]")) {
      const left = Number(t.dataset.due) - now;
      const late = left < 0;
      const text = (late ? body.dataset.over : body.dataset.left).replace("%s", span(Math.max(1, Math.floor(Math.abs(left) / 60))));
      if (t.textContent !== text) t.textContent = text;
      if (late) t.className = "left left-late";
    }
  }

  // --- undo toast ------------------------------------------------------------------------------------------------------------

  function toasts() {
    for (const toast of document.querySelectorAll("[data-toast]")) {
      const left = Math.ceil(Number(toast.dataset.ends) - Date.now() / 1000);
      if (left <= 0) {
        if (toast.contains(document.activeElement)) main.focus();
        toast.remove();
      } else {
        toast.querySelector(".toast-left").textContent = left + " s";
      }
    }
  }

  function say(text) {
    const p = document.createElement("p");
    p.textContent = text;
    by("toasts").replaceChildren(p);
    setTimeout(() => p.remove(), 6000);
  }

  // --- live events ----------------------------------------------------------------------------------------------------------

  let waiting = new Set(); // ids of reports that are new to this list, not shown yet
  let countsDue = 0;

  function refresh() {
    const queue = by("queue");
    if (!queue || !waiting.size) return false;
    waiting = new Set();
    load(queue.dataset.refresh, { quiet: true, keepFocus: true, only: ["tabs", "queue"] });
    return true;
  }

  function showWaiting() {
    const button = document.querySelector("#queue .new-rows");
    if (!button) return;
    button.hidden = !waiting.size;
    button.querySelector("span").textContent = body.dataset.new.replace("%n", waiting.size);
  }

  // counts renews the tabs, never more than once in two seconds.
  function counts() {
    if (countsDue) return;
    countsDue = setTimeout(async () => {
      countsDue = 0;
      const answer = await fetch("/queue/" + by("queue").dataset.list + "/tabs", { credentials: "same-origin" }).catch(() => null);
      if (!answer || !answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("tabs");
      const old = by("tabs");
      if (!fresh || !old || old.contains(document.activeElement)) return;
      old.replaceWith(document.adoptNode(fresh));
    }, 2000);
  }

  // renew fetches one row and puts it in the place of the old one; a row that left the list stays, marked, until N.
  async function renew(row, list) {
    if (list && list !== by("queue").dataset.list) {
      row.classList.add("row-gone");
      waiting.add(row.dataset.id);
      return showWaiting();
    }
    const answer = await fetch("/queue/" + by("queue").dataset.list + "/rows/" + row.dataset.id, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".row");
    if (!fresh || !row.isConnected) return;
    const focused = row.contains(document.activeElement);
    const link = row.querySelector("a");
    if (link.hasAttribute("aria-current")) fresh.querySelector("a").setAttribute("aria-current", "true");
    row.replaceWith(document.adoptNode(fresh));
    if (focused) fresh.querySelector("a").focus();
  }

  // alarm shows, or takes away, what every page says while the line's clock isn't believed.
  async function alarm() {
    const answer = await fetch("/clock", { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("body > .alarm");
    for (const old of document.querySelectorAll("body > .alarm")) old.remove();
    if (fresh) main.before(document.adoptNode(fresh));
  }

  function changed(event) {
    if (event.kind.startsWith("clock.")) return alarm();
    if (event.kind.startsWith("calls.")) return document.dispatchEvent(new Event("calls"));
    const queue = by("queue");
    if (!queue || !queue.dataset.refresh) return; // what was found stays as it is: no list to renew
    counts();
    const row = event.report && by("row-" + event.report);
    if (row) return renew(row, event.list);
    if (event.list === queue.dataset.list) {
      waiting.add(event.report);
      showWaiting();
    }
  }

  function listen() {
    if (!by("queue") && !by("call-bar")) return;
    const source = new EventSource(body.dataset.events);
    let said = false;
    source.addEventListener("desk", (e) => changed(JSON.parse(e.data)));
    source.addEventListener("end", () => { source.close(); signedOut(); });
    source.onopen = () => { said = false; };
    source.onerror = () => { if (!said) { said = true; say(body.dataset.offline); } };
  }

  // --- a Claim is kept while somebody works on it -----------------------------------------------------------------------------

  let active = Date.now();
  for (const kind of ["keydown", "pointerdown", "scroll"]) addEventListener(kind, () => { active = Date.now(); }, { capture: true, passive: true });

  setInterval(() => {
    const report = by("report");
    if (!report || !report.hasAttribute("data-mine") || Date.now() - active > 300000) return;
    fetch("/reports/" + report.dataset.id + "/renew", { method: "POST", credentials: "same-origin" }).catch(() => null);
  }, 240000);

  // --- every time parts are placed ------------------------------------------------------------------------------------------

  function ready() {
    for (const el of document.querySelectorAll("[data-opens], [data-copies], .reasons-toggle")) el.hidden = false;
    for (const el of document.querySelectorAll("[data-noscript]")) el.hidden = true;
    const toggle = document.querySelector(".reasons-toggle");
    if (toggle) toggle.setAttribute("aria-pressed", String(body.classList.contains("show-reasons")));
    const open = by("report") && by("report").dataset.id;
    const row = open && by("row-" + open);
    if (row) select(row, false);
    tick();
    toasts();
    showWaiting();
  }

  ready();
  setInterval(tick, 15000);
  setInterval(toasts, 500);
  listen();
})();
