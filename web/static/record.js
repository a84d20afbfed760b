// A recording that the reporter speaks in the page. The voice is masked before anything is kept (mask.js); what the microphone hears is
// never sent and never stored. Without scripts, or where a browser can't, the part isn't shown.
"use strict";

(() => {
  const place = document.getElementById("recording");
  if (!place || !globalThis.heedMask || !globalThis.AudioWorkletNode || !navigator.mediaDevices?.getUserMedia) return;

  const { wav, samplesIn, rate, draws } = globalThis.heedMask;
  const words = place.dataset, form = place.closest("form");
  const most = Math.min(rate * 60 * Number(words.minutes), samplesIn(Number(document.getElementById("sending").dataset.bytes)));
  const patience = 5000; // milliseconds that the worklet has for its last words
  const clock = place.querySelector("[data-clock]"), said = place.querySelector("[role=status]"), fault = place.querySelector("[role=alert]");
  const buttons = Object.fromEntries(Array.from(place.querySelectorAll("button"), (b) => [b.value, b]));
  let state = "none"; // then starting, recording, ending, made
  let parts = [], length = 0, number = 0; // what is masked
  let attempt = 0; // of recording; what an earlier one still says isn't heard
  let stop = null, silence = null; // end recording, and listening

  const time = (samples) => {
    const seconds = Math.floor(samples / rate);
    return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
  };
  const tick = () => { clock.textContent = words.time.replace("{time}", time(length)).replace("{limit}", time(most)); };

  // show puts up the buttons of a state, and keeps the focus where the hand is.
  function show(next, focus) {
    state = next;
    const up = { none: ["record"], starting: length ? ["record", "add", "delete"] : ["record"], recording: ["stop"], ending: ["stop"], made: ["listen", "add", "again", "delete"] }[state];
    for (const [name, button] of Object.entries(buttons)) button.hidden = !up.includes(name);
    buttons.record.disabled = state === "starting";
    tick();
    if (focus) buttons[focus].focus();
  }

  function complain(text) {
    fault.textContent = text;
    fault.hidden = !text;
  }

  function drop() {
    silence?.();
    parts = [];
    length = 0;
  }

  const refusals = { NotAllowedError: words.refused, SecurityError: words.refused, NotFoundError: words.none, NotReadableError: words.none, OverconstrainedError: words.none };

  async function record() {
    if (state === "starting" || state === "recording") return;
    silence?.();
    const own = ++attempt;
    complain("");
    said.textContent = "";
    show("starting");
    let stream, sound;
    const close = () => {
      stream?.getTracks().forEach((track) => track.stop());
      sound?.close().catch(() => { /* it is closed */ });
    };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true } });
      sound = new AudioContext();
      await sound.audioWorklet.addModule(words.mask);
      const draw = Array.from(crypto.getRandomValues(new Uint32Array(draws)), (n) => n / 2 ** 32);
      const node = new AudioWorkletNode(sound, "heed-mask", { channelCount: 1, channelCountMode: "explicit", processorOptions: { draw } });
      const end = () => {
        if (own !== attempt || state !== "recording") return;
        state = "ending";
        stream.getTracks().forEach((track) => track.stop());
        node.port.postMessage(null);
        setTimeout(broken, patience);
      };
      const runs = () => own === attempt && (state === "recording" || state === "ending");
      node.port.onmessage = ({ data }) => {
        if (!runs()) return;
        if (!data) return made();
        for (const part of data) {
          parts.push(part.subarray(0, most - length));
          length += parts.at(-1).length;
        }
        tick();
        if (length < most || state !== "recording") return;
        complain(words.full);
        end();
      };
      const made = () => {
        close();
        stop = null;
        said.textContent = words.ready.replace("{time}", time(length));
        show("made", place.contains(document.activeElement) ? "listen" : null);
      };
      // What breaks loses nothing of what is there.
      const broken = () => {
        if (!runs()) return;
        if (length === 0) return failed(new Error());
        complain(words.cut);
        made();
      };
      node.onprocessorerror = broken;
      stream.getTracks()[0].addEventListener("ended", end); // the microphone was pulled out, or its leave taken back
      await sound.resume();
      if (own !== attempt) return close(); // an earlier recording was added or deleted meanwhile
      drop();
      sound.createMediaStreamSource(stream).connect(node).connect(sound.destination); // to which the node gives nothing; without it some browsers don't run it
      stop = end;
      said.textContent = words.recording;
      show("recording", "stop");
    } catch (error) {
      failed(error);
    }
    function failed(error) {
      close();
      if (own !== attempt) return;
      stop = null;
      complain(refusals[error.name] ?? words.broken);
      if (length) show("made", "again"); // the recording before it
      else show("none", "record");
    }
  }

  // listen plays what is masked, which is all there is.
  async function listen() {
    if (silence) return silence();
    const sound = new AudioContext(), heard = sound.createBuffer(1, Math.max(1, length), rate), samples = heard.getChannelData(0);
    let at = 0;
    for (const part of parts) for (const v of part) samples[at++] = v / 32768;
    const source = new AudioBufferSourceNode(sound, { buffer: heard });
    buttons.listen.textContent = words.silence;
    silence = () => {
      silence = null;
      buttons.listen.textContent = words.listen;
      source.onended = null;
      sound.close().catch(() => { /* it is closed */ });
    };
    source.onended = silence;
    source.connect(sound.destination);
    source.start();
  }

  // add puts it among the files: on its way at once (upload.js), or, where that isn't there, for the form to send.
  function add() {
    const file = new File(wav(parts), words.name + "-" + (number + 1) + ".wav", { type: "audio/wav" });
    if (globalThis.heedUpload) {
      if (!globalThis.heedUpload(file)) return complain(""); // why not stands at the files
    } else {
      const input = document.getElementById("files"), all = new DataTransfer();
      for (const f of [...input.files, file]) all.items.add(f);
      input.files = all.files;
    }
    number++;
    attempt++;
    drop();
    complain("");
    said.textContent = words.added;
    show("none", "record");
  }

  const acts = {
    record, listen, add, again: record, stop: () => stop?.(),
    delete: () => { attempt++; drop(); complain(""); said.textContent = words.deleted; show("none", "record"); },
  };
  for (const [name, button] of Object.entries(buttons)) button.addEventListener("click", acts[name]);

  // What isn't added yet is not lost by a button of the form. It goes with the way out, which waits for nothing.
  form.addEventListener("submit", (event) => {
    if (state === "none" || state === "starting" && !length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    stop?.();
    complain(words.unadded);
    (buttons.add.hidden ? buttons.stop : buttons.add).focus();
  });

  show("none");
  place.hidden = false;
})();
