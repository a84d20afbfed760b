// The calls of who takes them, renewed in place, and the form that saves itself. Without it a page's links and buttons do the same.
"use strict";

(() => {
  const by = (id) => document.getElementById(id);
  const form = by("draft");

  // --- the calls -------------------------------------------------------------------------------------------------------

  let looking = false;
  let said = (by("call-state") || by("call-panel"))?.dataset.said;

  async function look() {
    const bar = by("call-bar");
    if (!bar || looking) return;
    looking = true;
    const asked = new URLSearchParams({ to: bar.dataset.to });
    if (by("call-state")) asked.set("draft", by("call-state").dataset.draft);
    const answer = await fetch(bar.dataset.live + "?" + asked, { credentials: "same-origin", headers: { "X-Part": "1" } }).catch(() => null);
    looking = false;
    if (answer?.status === 401) {
      if (!form) return location.assign("/sign-in");
      return tell(form.dataset.out); // what stands in the page alone must not go
    }
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["call-bar", "call-panel", "call-state"]) put(by(id), fresh.getElementById(id));
    const now = (by("call-state") || by("call-panel") || fresh.getElementById("call-panel"))?.dataset.said;
    if (said !== undefined && now !== said) by("call-said").textContent = now;
    said = now;
  }

  // put replaces what changed, and leaves the focus where it was. A list that is open is left alone.
  function put(old, fresh) {
    if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    if (focused?.matches("select")) return;
    const chosen = old.querySelector("select")?.value;
    old.replaceWith(document.adoptNode(fresh));
    const select = fresh.querySelector("select");
    if (select && chosen && select.querySelector(`option[value="${CSS.escape(chosen)}"]`)) select.value = chosen;
    if (focused) fresh.querySelector(`[data-focus="${CSS.escape(focused.dataset.focus)}"]`)?.focus();
  }

  let due = 0;
  document.addEventListener("calls", () => { due ||= setTimeout(() => { due = 0; look(); }, 200); });
  // Waiting times go on, and an event may get lost with its connection.
  setInterval(look, by("call-panel") || by("call-state") ? 5000 : 20000);

  // --- the form -------------------------------------------------------------------------------------------------------

  if (!form) return;
  // Who the reporter is stands in the page alone, and in no draft.
  const kept = ["slip", "text", "occurred", "place", "language", "urgent"];

  function typed() {
    const all = new FormData(form);
    const fields = new URLSearchParams();
    for (const name of kept) if (all.has(name)) fields.set(name, all.get(name));
    return fields.toString();
  }

  // tell says how the form stands, to screen readers too, once.
  function tell(words) {
    if (by("saved").textContent === words) return;
    by("saved").textContent = words;
    if (by("call-said")) by("call-said").textContent = words;
  }

  let last = "unsaved" in form.dataset ? "" : typed();
  let saving = null; // the save under way
  let unsure = null; // what was sent and never answered: it may have been saved
  let held = "held" in form.dataset; // another window saved something else: a person decides
  let sent = false;
  let hiding = false; // the page was hidden, and what stood in it then wasn't sent yet

  const patience = 10000; // ms
  // A save outlives its page, which may be left at any moment, where it is small enough: browsers let 64 KiB of such be under way (Fetch §4.6).
  const outlives = 60000;

  async function send(fields, seen) {
    const body = fields + "&seen=" + seen + "&go=save";
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(body), headers: { "X-Part": "1" },
      credentials: "same-origin", keepalive: body.length < outlives, signal: AbortSignal.timeout(patience),
    }).then(async (a) => {
      const told = /json/.test(a.headers.get("Content-Type")) ? await a.json() : {};
      return { ok: a.ok, status: a.status, ...told };
    }).catch(() => null);
    unsure = answer?.status < 500 ? null : { fields, seen };
    if (answer?.ok) {
      last = fields;
      form.elements.seen.value = answer.seen;
      by("saved").textContent = answer.saved;
      return;
    }
    held = answer?.status === 409;
    tell(answer?.status === 401 ? form.dataset.out : answer?.detail || form.dataset.saves);
  }

  // What may have been saved is sent again first, to the word: the server knows it again, and says what the next save follows.
  function save(leaving = false) {
    if (sent || saving || held) return;
    const again = leaving ? null : unsure;
    const now = typed();
    if (!again) hiding = false;
    if (!again && now === last) return;
    saving = send(again?.fields ?? now, again?.seen ?? form.elements.seen.value).finally(() => {
      saving = null;
      if (hiding && document.hidden && !unsure) save(); // behind what was under way, or unsure
    });
  }

  setInterval(() => save(), 3000);
  addEventListener("pagehide", () => save(true));
  // A telephone's browser may end a page that is hidden without another word.
  document.addEventListener("visibilitychange", () => {
    hiding = document.hidden;
    if (hiding) save();
  });
  addEventListener("pageshow", (e) => { if (e.persisted) sent = false; });
  form.addEventListener("submit", (e) => {
    if (!saving) {
      sent = true;
      return;
    }
    e.preventDefault(); // what is sent now would be older than what is being saved
    saving.then(() => form.requestSubmit(still(e.submitter)));
  });

  // still is the button that was pressed, or the one that stands in its place since the call's state was renewed.
  const still = (b) => (!b || b.isConnected ? b : [...form.elements].find((f) => f.name === b.name && f.value === b.value));

  // Whoever leaves by mistake would have to ask the reporter again.
  const who = ["name", "phone", "email", "address"];
  addEventListener("beforeunload", (e) => {
    if (!sent && (typed() !== last || who.some((name) => form.elements[name]?.value))) e.preventDefault();
  });

  // Keys that work while somebody types.
  document.addEventListener("keydown", (e) => {
    const target = e.key.length > 1 && document.querySelector(`[data-anywhere="${CSS.escape(e.key)}"]`);
    if (!target || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
    e.preventDefault();
    target.click();
  });
})();
