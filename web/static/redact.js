// Drawing what isn't handed on. Without scripts the numbers of each box are typed, and the server shows them.
"use strict";

(() => {
  const form = document.getElementById("redaction");
  if (!form) return;
  const frame = document.querySelector("[data-redact]");
  const overlay = frame && frame.querySelector("svg");
  const player = document.querySelector("[data-redact-player]");
  const whole = 10000; // as the server counts
  const names = ["left", "top", "width", "height"];
  const field = (row, name) => row.querySelector(`[name=${name}]`);
  const rows = () => [...form.querySelectorAll("[data-redact-row]")];
  // The server reads Arabic digits too, and either mark before a fraction.
  const western = (typed) => typed.trim().replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660)).replace(/[٫,]/g, ".").replace(/[%٪]/g, "");
  const read = (row) => names.map((n) => Math.round(Number(western(field(row, n).value)) * 100));
  const filled = (row) => [...row.querySelectorAll("input, select")].some((i) => i.value.trim());
  const within = (n) => Math.min(whole, Math.max(0, n));

  function draw() {
    if (!overlay) return;
    overlay.classList.remove("redact-saved");
    overlay.replaceChildren(...rows().flatMap((row) => {
      const [x, y, w, h] = read(row);
      if (!(w > 0 && h > 0)) return [];
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [k, v] of Object.entries({ x, y, width: w, height: h })) rect.setAttribute(k, v);
      if (row.contains(document.activeElement)) rect.classList.add("redact-here");
      return [rect];
    }));
  }

  function write(row, box) {
    names.forEach((n, i) => { field(row, n).value = String(box[i] / 100); });
    draw();
  }

  // another is a row with nothing in it: an empty one, or a new one below the last.
  function another() {
    const empty = rows().find((row) => !filled(row));
    if (empty) return empty;
    const last = rows().at(-1);
    const row = last.cloneNode(true);
    const to = rows().length + 1;
    row.id = "row-" + to;
    row.removeAttribute("aria-describedby");
    row.querySelector(".field-error")?.remove();
    for (const label of row.querySelectorAll("[data-redact-label]")) label.textContent = form.dataset.row.replace("%n", to);
    for (const input of row.querySelectorAll("input, select")) input.value = "";
    last.after(row);
    return row;
  }

  form.addEventListener("input", draw);
  form.addEventListener("focusin", draw);

  form.addEventListener("click", (e) => {
    const button = e.target.closest("button");
    const row = button && button.closest("[data-redact-row]");
    if (!row) return;
    if ("redactDrop" in button.dataset) {
      for (const input of row.querySelectorAll("input, select")) input.value = "";
      draw();
    }
    if (button.dataset.redactNow && player) {
      const s = player.currentTime;
      field(row, button.dataset.redactNow).value = Math.floor(s / 60) + ":" + (s % 60).toFixed(1).padStart(4, "0");
    }
    if ("redactMove" in button.dataset && !read(row)[2]) write(row, [4500, 4500, 1000, 1000]);
  });

  // With the button of a box in focus, arrow keys move it by one per cent, and with Shift they change its size.
  form.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [-100, 0], ArrowRight: [100, 0], ArrowUp: [0, -100], ArrowDown: [0, 100] }[e.key];
    if (!step || !e.target.matches("[data-redact-move]")) return;
    e.preventDefault();
    const row = e.target.closest("[data-redact-row]");
    const [x, y, w, h] = read(row)[2] ? read(row) : [4500, 4500, 1000, 1000];
    if (e.shiftKey) write(row, [x, y, Math.max(100, Math.min(whole - x, w + step[0])), Math.max(100, Math.min(whole - y, h + step[1]))]);
    else write(row, [Math.min(whole - w, within(x + step[0])), Math.min(whole - h, within(y + step[1])), w, h]);
  });

  if (!frame) return;
  let begun = null;
  let row = null;
  const at = (e) => {
    const r = frame.getBoundingClientRect();
    return [within(Math.round((e.clientX - r.left) / r.width * whole)), within(Math.round((e.clientY - r.top) / r.height * whole))];
  };
  // A film's own controls lie at its lower edge.
  const controls = (e) => player && frame.getBoundingClientRect().bottom - e.clientY < 64;
  frame.addEventListener("pointerdown", (e) => {
    if (e.button || controls(e)) return;
    e.preventDefault();
    begun = at(e);
    row = null;
    frame.setPointerCapture(e.pointerId);
  });
  frame.addEventListener("pointermove", (e) => {
    if (!begun) return;
    const [x, y] = at(e);
    const box = [Math.min(x, begun[0]), Math.min(y, begun[1]), Math.abs(x - begun[0]), Math.abs(y - begun[1])];
    if (!row && (box[2] < 50 || box[3] < 50)) return; // a click is no box
    row = row || another();
    write(row, box);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    frame.addEventListener(kind, () => {
      if (row && player && !field(row, "from").value) field(row, "from").focus();
      begun = null;
    });
  }
})();
