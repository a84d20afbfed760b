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

  let last = typed();
  let saving = false;
  let sent = false;

  async function save(leaving = false) {
    const now = typed();
    if (sent || saving || now === last) return;
    saving = true;
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(now + "&go=save"), headers: { "X-Part": "1" }, credentials: "same-origin", keepalive: leaving,
    }).catch(() => null);
    saving = false;
    if (answer?.ok) {
      last = now;
      by("saved").textContent = (await answer.json()).saved;
      return;
    }
    if (answer?.status === 401) return tell(form.dataset.out);
    const kind = answer?.headers.get("Content-Type") || "";
    tell(kind.startsWith("application/problem+json") ? (await answer.json()).detail : form.dataset.saves);
  }

  setInterval(save, 3000);
  addEventListener("pagehide", () => save(true));
  form.addEventListener("submit", () => { sent = true; });
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
