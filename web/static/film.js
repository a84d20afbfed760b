// What a film's viewer can do with scripts: step by one picture, and leap to where one below it was taken. Without them its player plays.
"use strict";

(() => {
  // Pictures are shown in place, so that nothing that was typed is lost, once the server has counted that they are.
  document.addEventListener("submit", async (e) => {
    const form = e.target.closest("[data-uncover]");
    const place = form && form.closest("[data-uncovers]");
    if (!place) return;
    e.preventDefault();
    const button = form.querySelector("button");
    const covers = place.classList.contains("uncovered");
    const fields = new URLSearchParams(new FormData(form));
    fields.set("go", covers ? "cover" : "see");
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { "X-Part": "1" }, credentials: "same-origin" }).catch(() => null);
    if (!answer || answer.status !== 204) {
      delete form.dataset.uncover; // the page itself is asked for, with what the button says
      return form.requestSubmit(button);
    }
    place.classList.toggle("uncovered", !covers);
    for (const too of document.querySelectorAll("[data-uncovers-too]")) too.value = covers ? "" : answer.headers.get("X-Seen");
    button.value = covers ? "see" : "cover";
    button.querySelector("span").textContent = covers ? button.dataset.see : button.dataset.cover;
  });

  const picture = 1 / 30; // seconds; a copy has no more than some thirty pictures in one

  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-film-step], [data-film-at]");
    if (!button) return;
    const film = button.closest(".film").querySelector("video");
    const go = () => {
      const step = button.dataset.filmStep;
      film.pause();
      film.currentTime = step ? Math.max(0, film.currentTime + Number(step) * picture) : Number(button.dataset.filmAt) / 1000;
    };
    if (film.readyState) return go();
    film.addEventListener("loadedmetadata", go, { once: true });
    film.preload = "auto";
    film.load();
  });
})();
