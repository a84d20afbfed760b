// What a film's viewer can do with scripts: step by one picture, and leap to where one below it was taken. Without them its player plays.
"use strict";

(() => {
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
