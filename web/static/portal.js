// What is nicer with scripts: leaving by key, counting characters, going on by itself in a crowd, copying and printing the
// Receipt. All of the portal works without.
"use strict";

(() => {
  const exit = document.getElementById("exit");

  // Leaving replaces this page in the history, so that Back doesn't return to it; the text is gone before the next
  // page is there.
  const leave = () => {
    document.title = " ";
    document.body.hidden = true;
    try { sessionStorage.clear(); } catch { /* it keeps nothing */ }
    location.replace(exit.href);
  };

  if (exit) {
    exit.title += " " + exit.dataset.keys; // without scripts there are none
    exit.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    // Esc twice or Shift three times, within a second and a half.
    const wanted = { Escape: 2, Shift: 3 };
    let key = "", times = 0, last = 0;
    document.addEventListener("keyup", (event) => {
      const now = performance.now();
      times = event.key === key && now - last < 1500 ? times + 1 : 1;
      key = event.key;
      last = now;
      if (wanted[key] === times) leave();
    });
  }

  // The summary of errors is where reading goes on.
  document.getElementById("error-summary")?.focus();

  for (const area of document.querySelectorAll("textarea[data-count]")) {
    const shown = document.getElementById(area.dataset.count);
    const said = document.getElementById(area.dataset.count + "-said");
    const limit = Number(area.dataset.limit);
    const write = new Intl.NumberFormat(shown.dataset.lang, { numberingSystem: "latn" });
    let wait = 0;
    const count = () => {
      // The server counts code points and one character for a line's end, as does this.
      const left = limit - Array.from(area.value).length;
      const near = left < limit / 10;
      const text = (left < 0 ? shown.dataset.over : shown.dataset.left).replace("{n}", write.format(Math.abs(left)));
      shown.textContent = text;
      shown.hidden = !near;
      shown.classList.toggle("over", left < 0);
      clearTimeout(wait); // a screen reader hears it when the typing pauses
      wait = setTimeout(() => { said.textContent = near ? text : ""; }, 1000);
    };
    area.addEventListener("input", count);
    count();
  }

  // In a crowd the work is done beside the page, which stays quick to leave. Where it can't be, the page's text tells to wait.
  const wait = document.getElementById("wait");
  if (wait && window.Worker) {
    const worker = new Worker(wait.dataset.worker);
    const pass = document.getElementById("pass");
    worker.addEventListener("message", ({ data }) => {
      pass.value = data;
      document.getElementById("wait-go").click();
    });
    const words = wait.textContent;
    worker.addEventListener("error", () => { wait.textContent = words; });
    worker.postMessage({ ticket: pass.value, work: Number(wait.dataset.work) });
    wait.textContent = wait.dataset.working;
  }

  const acts = document.getElementById("receipt-acts");
  if (acts) {
    acts.hidden = false;
    acts.querySelector("[data-print]").addEventListener("click", () => print());
    const copy = acts.querySelector("[data-copy]");
    if (!navigator.clipboard) copy.hidden = true;
    copy.addEventListener("click", async () => {
      const digits = document.getElementById(copy.dataset.copy).textContent.replace(/\s+/g, " ").trim();
      await navigator.clipboard.writeText(digits);
      document.getElementById("copied").textContent = copy.dataset.copied;
    });
  }
})();
