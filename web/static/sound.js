// What a recording's player can do with scripts: another speed, leaps of five seconds, and a place chosen on its waveform. Nothing here makes it
// play. Without scripts the browser's own player plays, and the waveform stands.
"use strict";

(() => {
  const leap = 5; // seconds
  const of = (el) => el.closest && el.closest("[data-sound]");
  const audioOf = (player) => player.querySelector("audio");
  const speedsOf = (player) => [...player.querySelectorAll("[data-sound-speed]")];
  const placeOf = (player) => player.querySelector("[data-sound-place]");

  // move goes to a place, once the recording says how long it is: nothing of it is fetched before somebody asks.
  function move(audio, to) {
    const go = () => { audio.currentTime = Math.max(0, Math.min(to(audio.currentTime), audio.duration || Infinity)); };
    if (audio.readyState) return go();
    audio.addEventListener("loadedmetadata", go, { once: true });
    if (audio.networkState === HTMLMediaElement.NETWORK_LOADING) return;
    audio.preload = "metadata";
    audio.load();
  }

  function setSpeed(audio, to) {
    audio.defaultPlaybackRate = to; // what loading it goes back to
    audio.playbackRate = to;
  }

  // As the server writes it: 0:07, 1:02:03.
  function playTime(t) {
    const s = Math.floor(t);
    const two = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(s / 60) % 60;
    return s >= 3600 ? Math.floor(s / 3600) + ":" + two(minutes) + ":" + two(s % 60) : minutes + ":" + two(s % 60);
  }

  const say = (place) => place.setAttribute("aria-valuetext", place.dataset.soundPlace.replace("%a", playTime(place.value)));

  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-sound-leap]");
    if (button) move(audioOf(of(button)), (now) => now + Number(button.dataset.soundLeap));
  });

  document.addEventListener("input", (e) => {
    if (!e.target.matches("[data-sound-place]")) return;
    say(e.target);
    move(audioOf(of(e.target)), () => Number(e.target.value));
  });

  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-sound-speed]")) setSpeed(audioOf(of(e.target)), Number(e.target.value));
  });

  // While the player has the focus. Arrow keys choose among the speeds where those have it. The browser's own player gets none of these keys: it
  // would leap too, by another step.
  document.addEventListener("keydown", (e) => {
    const player = of(e.target);
    if (!player || e.ctrlKey || e.metaKey || e.altKey) return;
    const audio = audioOf(player);
    const range = e.target.type === "range";
    const step = { ArrowLeft: -leap, ArrowRight: leap, ArrowDown: range ? -leap : 0, ArrowUp: range ? leap : 0 }[e.key];
    if (step && e.target.type !== "radio") {
      taken(e);
      return move(audio, (now) => now + step);
    }
    if (e.key !== "+" && e.key !== "-") return;
    taken(e);
    const to = e.key === "+" ? speedsOf(player).find((s) => Number(s.value) > audio.playbackRate) : speedsOf(player).findLast((s) => Number(s.value) < audio.playbackRate);
    if (to) setSpeed(audio, Number(to.value));
  }, true);

  function taken(e) {
    e.preventDefault();
    e.stopPropagation();
  }

  // What the player itself says; its events don't bubble. A slider that plays along says where it is when asked, and not all the time.
  const heard = (kind, then) => document.addEventListener(kind, (e) => { const player = of(e.target); if (player && e.target.matches("audio")) then(player, e.target); }, true);
  const follow = (player, audio) => {
    const place = placeOf(player);
    if (place && !audio.seeking) place.value = audio.currentTime;
    return place;
  };
  heard("timeupdate", follow);
  for (const kind of ["seeked", "pause", "ended"]) {
    heard(kind, (player, audio) => { const place = follow(player, audio); if (place) say(place); });
  }
  document.addEventListener("focusin", (e) => { if (e.target.matches("[data-sound-place]")) say(e.target); });
  heard("ratechange", (player, audio) => { for (const s of speedsOf(player)) s.checked = Number(s.value) === audio.playbackRate; });
})();
