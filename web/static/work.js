// The work that lets a visitor in at once while very many come (docs/crypto.md, Ticket): a number for which the SHA-256 of
// "ticket.number" begins with enough zero bits. SHA-256 is written out (FIPS 180-4), because the browser's own answers one
// hash at a time and too slowly, and not at all on plain HTTP.
"use strict";

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const start = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const W = new Int32Array(64);

// compress hashes the block in W[0..15] onto state and answers the new state's first word; all of it goes to out, if given.
const compress = (state, out) => {
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const u = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t) | 0;
    d = c; c = b; b = a; a = (t + u) | 0;
  }
  if (out) [a, b, c, d, e, f, g, h].forEach((x, i) => { out[i] = (state[i] + x) | 0; });
  return (state[0] + a) | 0;
};

// fill puts text into W from byte 0 on, and zeros behind it.
const fill = (text) => {
  W.fill(0);
  for (let i = 0; i < text.length; i++) W[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i % 4));
};

onmessage = ({ data: { ticket, work } }) => {
  // Its first block, 64 bytes, is hashed once: a ticket has 60 characters, and every number tried begins with 100.
  const head = ticket + ".100";
  const middle = new Int32Array(8);
  fill(head);
  compress(start, middle);
  for (let n = 0; ; n++) {
    const tail = String(n);
    fill(tail + "\x80");
    W[15] = 8 * (head.length + tail.length);
    if (Math.clz32(compress(middle)) >= work) {
      postMessage(head + tail);
      return;
    }
  }
};
