// How a voice is masked before it leaves the page (record.js). Three things are drawn anew for each recording: pitch and formants move together, by
// an eighth to a third; formants move once more, alone, by up to an eighth, but never back to within a tenth of where they were; and the
// long-term spectrum is bent in eight bands. What lies outside a telephone's band goes; the tempo stays. docs/media.md says what was measured.
// The same file is the page's and the audio worklet's, so that what is fetched doesn't tell who records.
"use strict";

(() => {
  const rate = 16000; // samples a second of what comes out
  const draws = 10; // numbers from 0 to below 1 that a mask is made of
  const grain = 640, step = grain / 2, reach = 160; // samples: what is laid over one another, and how far the best place is looked for
  const size = 512, hop = size / 4; // samples of a spectrum
  const lifter = 26; // of the cepstrum's coefficients, what is a spectrum's shape and not its pitch
  const bands = [250, 400, 630, 1000, 1500, 2100, 2700, 3300]; // hertz: the middles of what is bent
  const bend = 14; // decibels up or down
  const range = (draw, from, to) => from + (to - from) * draw;
  const hann = (n) => Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / n));
  const join = (a, b) => { const all = new Float64Array(a.length + b.length); all.set(a); all.set(b, a.length); return all; };

  // A low-pass of the sixth order (Butterworth), as three of the second (R. Bristow-Johnson, Audio EQ Cookbook).
  class LowPass {
    constructor(from, hertz) {
      this.parts = [0.5176, 0.7071, 1.9319].map((q) => {
        const w = 2 * Math.PI * hertz / from, alpha = Math.sin(w) / (2 * q), c = Math.cos(w), a0 = 1 + alpha;
        return { b: (1 - c) / 2 / a0, a1: -2 * c / a0, a2: (1 - alpha) / a0, x1: 0, x2: 0, y1: 0, y2: 0 };
      });
    }
    next(x) {
      for (const p of this.parts) {
        const y = p.b * (x + 2 * p.x1 + p.x2) - p.a1 * p.y1 - p.a2 * p.y2;
        p.x2 = p.x1; p.x1 = x; p.y2 = p.y1; p.y1 = y;
        x = y;
      }
      return x;
    }
  }

  const sines = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin(2 * Math.PI * k / size));
  const cosines = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos(2 * Math.PI * k / size));

  // fft is the plain one of radix 2, in place, of size numbers.
  function fft(re, im, back) {
    const n = re.length;
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) { [re[i], re[j]] = [re[j], re[i]]; [im[i], im[j]] = [im[j], im[i]]; }
    }
    for (let len = 2; len <= n; len <<= 1) {
      for (let k = 0; k < len / 2; k++) {
        const c = cosines[k * size / len], s = back ? sines[k * size / len] : -sines[k * size / len];
        for (let i = k; i < n; i += len) {
          const j = i + len / 2, x = re[j] * c - im[j] * s, y = re[j] * s + im[j] * c;
          re[j] = re[i] - x; im[j] = im[i] - y;
          re[i] += x; im[i] += y;
        }
      }
    }
  }

  // Mask masks one recording of from samples a second. draw are its numbers, which must not be guessed.
  class Mask {
    constructor(from, draw) {
      // As internal/media's mask draws it: never near to what it was.
      const d = range(draw[0], 0.76 - 0.88, 1.34 - 1 / 0.88);
      this.shift = d < 0 ? d + 0.88 : d + 1 / 0.88;
      // No formant ends up within a tenth of where it was, nor more than four tenths from it, so that vowels stay themselves.
      const [lowest, highest] = d < 0 ? [0.72, 0.9] : [1 / 0.9, 1.38];
      this.formants = range(draw[1], Math.max(0.89, lowest / this.shift), Math.min(1.12, highest / this.shift));
      this.low = new LowPass(from, Math.min(3800, from * 0.4));
      this.stride = this.shift * from / rate;
      this.last = [0, 0, 0, 0];
      this.due = 0; // input samples until the next one is taken
      this.moved = new Float64Array(0); // shifted, not yet stretched back to its tempo
      this.at = 0; // of moved's first sample, since the beginning
      this.frames = 0;
      this.place = 0;
      this.window = hann(grain);
      this.overlap = new Float64Array(step);
      this.even = new Float64Array(0); // at its tempo, not yet bent
      this.sum = new Float64Array(size);
      this.shape = hann(size);
      this.loud = 0;
      this.gain = 1;
      const db = draw.slice(2, draws).map((v) => range(v, -bend, bend));
      this.bent = Float64Array.from({ length: size / 2 + 1 }, (_, k) => {
        const f = k * rate / size;
        let i = 0;
        while (i < bands.length - 1 && bands[i + 1] < f) i++;
        const between = i === bands.length - 1 || f <= bands[0] ? 0 : Math.log(f / bands[i]) / Math.log(bands[i + 1] / bands[i]);
        const edge = (v) => Math.min(1, Math.max(0, v));
        return 10 ** ((db[i] + between * ((db[i + 1] ?? db[i]) - db[i])) / 20) * edge((f - 100) / 60) * edge((3700 - f) / 200);
      });
    }

    // push takes samples from -1 to 1 and gives what is masked by now, as 16 bits each.
    push(samples) {
      this.resample(samples);
      this.stretch();
      return this.colour();
    }

    // end gives the rest.
    end() {
      return this.push(new Float32Array(Math.ceil((grain + 2 * reach + size) * this.stride + 4)));
    }

    // resample moves pitch and formants together, and makes the whole shorter or longer by it (cubic interpolation).
    resample(samples) {
      const out = [];
      for (const x of samples) {
        const [, a, b, c] = this.last;
        this.last = [a, b, c, this.low.next(x)];
        const d = this.last[3];
        for (; this.due < 1; this.due += this.stride) {
          const t = this.due;
          out.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
        }
        this.due--;
      }
      this.moved = join(this.moved, out);
    }

    // stretch brings the tempo back, by grains that are laid where they fit best (WSOLA: Verhelst and Roelands, 1993).
    stretch() {
      const out = [];
      for (;;) {
        const want = Math.round(this.frames * step / this.shift), goes = this.place + step; // where it should be, and where it would go on
        if (Math.max(want + reach, goes) + grain > this.at + this.moved.length) break;
        if (this.frames > 0) {
          let best = -Infinity;
          for (let p = Math.max(want - reach, 0); p <= want + reach; p++) {
            let together = 0, power = 1e-9;
            for (let i = 0; i < step; i += 2) {
              const x = this.moved[p - this.at + i];
              together += x * this.moved[goes - this.at + i];
              power += x * x;
            }
            const fit = together / Math.sqrt(power);
            if (fit > best) { best = fit; this.place = p; }
          }
        }
        for (let i = 0; i < step; i++) {
          const from = this.place - this.at + i;
          out.push(this.overlap[i] + this.window[i] * this.moved[from]);
          this.overlap[i] = this.window[i + step] * this.moved[from + step];
        }
        this.frames++;
      }
      const used = Math.min(Math.round(this.frames * step / this.shift) - reach, this.place + step) - this.at;
      if (used > 0) { this.moved = this.moved.slice(used); this.at += used; }
      this.even = join(this.even, out);
    }

    // colour moves the formants alone, by the spectrum's shape (its cepstrum's first coefficients), and bends it.
    colour() {
      const out = [];
      let from = 0;
      for (; from + size <= this.even.length; from += hop) {
        const re = new Float64Array(size), im = new Float64Array(size), shape = new Float64Array(size), none = new Float64Array(size);
        for (let i = 0; i < size; i++) re[i] = this.even[from + i] * this.shape[i];
        fft(re, im, false);
        for (let k = 0; k < size; k++) shape[k] = Math.log(Math.hypot(re[k], im[k]) + 1e-4) / size;
        fft(shape, none, true);
        for (let k = lifter; k <= size - lifter; k++) shape[k] = 0;
        none.fill(0);
        fft(shape, none, false);
        for (let k = 0; k <= size / 2; k++) {
          const at = Math.min(k / this.formants, size / 2 - 1), whole = Math.floor(at);
          const wanted = shape[whole] + (at - whole) * (shape[whole + 1] - shape[whole]);
          const gain = this.bent[k] * Math.exp(Math.min(2.5, Math.max(-2.5, wanted - shape[k])));
          re[k] *= gain; im[k] *= gain;
          if (k > 0 && k < size / 2) { re[size - k] *= gain; im[size - k] *= gain; }
        }
        fft(re, im, true);
        for (let i = 0; i < size; i++) this.sum[i] += re[i] / size * this.shape[i] / 1.5;
        this.limit(this.sum.subarray(0, hop), out);
        this.sum.copyWithin(0, hop);
        this.sum.fill(0, size - hop);
      }
      this.even = this.even.slice(from);
      return Int16Array.from(out);
    }

    // limit makes what is too loud softer, and nothing louder.
    limit(block, out) {
      this.loud = Math.max(this.loud * 0.995, ...block.map(Math.abs));
      const to = Math.min(1, 0.9 / this.loud), by = (to - this.gain) / hop;
      for (const v of block) out.push(Math.round(Math.min(1, Math.max(-1, v * (this.gain += by))) * 32767));
    }
  }

  // wav is what was masked, as a file that says nothing but that it is (its chunk "mask": docs/media.md).
  function wav(parts) {
    const bytes = parts.reduce((n, p) => n + p.byteLength, 0);
    const head = new DataView(new ArrayBuffer(56));
    const letters = (at, text) => { for (let i = 0; i < 4; i++) head.setUint8(at + i, text.charCodeAt(i)); };
    const words = [[4, 48 + bytes], [16, 16], [24, rate], [28, 2 * rate], [40, 4], [44, 1], [52, bytes]];
    for (const [at, n] of words) head.setUint32(at, n, true);
    for (const [at, n] of [[20, 1], [22, 1], [32, 2], [34, 16]]) head.setUint16(at, n, true);
    for (const [at, text] of [[0, "RIFF"], [8, "WAVE"], [12, "fmt "], [36, "mask"], [48, "data"]]) letters(at, text);
    return [head, ...parts];
  }
  const samplesIn = (bytes) => Math.floor((bytes - 56) / 2); // of a wav of at most so many bytes

  globalThis.heedMask = { Mask, wav, samplesIn, rate, draws };

  if (typeof registerProcessor === "undefined") return;
  // The worklet: from the microphone comes what is heard, and what is masked goes to the page. Nothing else does.
  registerProcessor("heed-mask", class extends AudioWorkletProcessor {
    constructor(options) {
      super();
      this.mask = new Mask(sampleRate, options.processorOptions.draw);
      this.parts = [];
      this.length = 0;
      this.port.onmessage = () => { // it is to end
        if (!this.mask) return;
        this.parts.push(this.mask.end());
        this.mask = null;
        this.tell();
        this.port.postMessage(null);
      };
    }
    tell() {
      this.port.postMessage(this.parts);
      this.parts = [];
      this.length = 0;
    }
    process([[heard]]) {
      if (!this.mask) return false;
      if (heard) {
        const part = this.mask.push(heard);
        this.parts.push(part);
        if ((this.length += part.length) >= rate / 5) this.tell();
      }
      return true;
    }
  });
})();
