// What a chosen file says beside what it shows: where, when and with what it was taken. It is read here, in the page, and told only where
// the reporter ticks it. Read are Exif's (CIPA DC-008) directories of a JPEG, PNG, WebP, TIFF, HEIC or AVIF, and what telephones note in
// an MP4 or MOV (ISO/IEC 14496-12, QuickTime). A file that is broken says nothing.
"use strict";

(() => {
  const most = 1 << 20; // bytes of a directory that are read
  const parts = 1000; // of a file that are looked at
  const found = () => ({ place: null, when: null, camera: null });

  const view = async (file, from, n) => new DataView(await file.slice(from, Math.min(from + n, file.size)).arrayBuffer());
  const letters = (v, at, n) => {
    let s = "";
    for (let i = 0; i < n; i++) s += String.fromCharCode(v.getUint8(at + i));
    return s;
  };
  const clean = (s) => s.replace(/[\p{C}\u2028\u2029]/gu, " ").replace(/\s+/g, " ").trim().slice(0, 80);
  const text = (v, at, n) => {
    n = Math.min(n, 200, v.byteLength - at);
    if (n <= 0) return "";
    return clean(new TextDecoder().decode(new Uint8Array(v.buffer, v.byteOffset + at, n)).split("\0")[0]);
  };

  // --- Exif: a TIFF's directories ---
  function tiff(v, out) {
    const order = v.getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return;
    const little = order === 0x4949;
    const u16 = (at) => v.getUint16(at, little), u32 = (at) => v.getUint32(at, little);
    if (u16(2) !== 42) return;
    const size = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
    // A directory's entries by their tags; none leads to another directory but the two that are asked for.
    const directory = (at) => {
      const entries = new Map();
      const n = u16(at);
      for (let i = 0; i < n; i++) {
        const e = at + 2 + 12 * i;
        if (e + 12 > v.byteLength) break;
        const kind = u16(e + 2), count = u32(e + 4), bytes = (size[kind] ?? 0) * count;
        if (!bytes) continue;
        const where = bytes <= 4 ? e + 8 : u32(e + 8);
        if (where + Math.min(bytes, 200) <= v.byteLength) entries.set(u16(e), { kind, count, where });
      }
      return entries;
    };
    const string = (e) => (e && e.kind === 2 ? text(v, e.where, e.count) : "");
    const number = (e) => (e?.kind === 4 ? u32(e.where) : e?.kind === 3 ? u16(e.where) : 0);
    const degrees = (e, ref, south) => {
      if (!e || e.kind !== 5 || e.count < 3) return NaN;
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        const over = u32(e.where + 8 * i), under = u32(e.where + 8 * i + 4);
        if (under === 0 && over !== 0) return NaN;
        sum += (under ? over / under : 0) / 60 ** i;
      }
      return string(ref).toUpperCase() === south ? -sum : sum;
    };
    const first = directory(u32(4));
    camera(out, string(first.get(0x010f)), string(first.get(0x0110)));
    let time = string(first.get(0x0132)), zone = "";
    const more = number(first.get(0x8769));
    if (more) {
      const exif = directory(more);
      const taken = string(exif.get(0x9003)) || string(exif.get(0x9004));
      if (taken) { time = taken; zone = string(exif.get(0x9011)) || string(exif.get(0x9010)); }
    }
    const t = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d)/.exec(time);
    if (t && t[1] !== "0000") out.when = out.when ?? (`${t[1]}-${t[2]}-${t[3]} ${t[4]}:${t[5]}` + (/^[+-]\d\d:\d\d$/.test(zone) ? ` (${zone})` : ""));
    const gps = number(first.get(0x8825));
    if (gps) {
      const g = directory(gps);
      place(out, degrees(g.get(2), g.get(1), "S"), degrees(g.get(4), g.get(3), "W"));
    }
  }

  function place(out, north, east) {
    if (!(Math.abs(north) <= 90 && Math.abs(east) <= 180) || north === 0 && east === 0) return;
    out.place = out.place ?? (`${north.toFixed(5)}, ${east.toFixed(5)}`);
  }

  function camera(out, maker, model) {
    const both = model.toLowerCase().startsWith(maker.toLowerCase()) ? model : `${maker} ${model}`;
    if (both.trim()) out.camera = out.camera ?? both.trim();
  }

  // --- what holds them ---
  async function jpeg(file, out) {
    for (let at = 2, n = 0; n < parts; n++) {
      const h = await view(file, at, 10);
      if (h.byteLength < 10 || h.getUint8(0) !== 0xff) return;
      const marker = h.getUint8(1), length = h.getUint16(2);
      if (marker === 0xff) { at++; continue; }
      if (marker === 0xda || length < 2) return; // the picture begins
      if (marker === 0xe1 && letters(h, 4, 6) === "Exif\0\0") tiff(await view(file, at + 10, length - 8), out);
      at += 2 + length;
    }
  }

  async function chunks(file, out, at, header, name, little) {
    for (let n = 0; n < parts; n++) {
      const h = await view(file, at, 8);
      if (h.byteLength < 8) return;
      const length = h.getUint32(little ? 4 : 0, little), kind = letters(h, little ? 0 : 4, 4);
      if (kind === name) {
        let v = await view(file, at + 8, Math.min(length, most));
        if (v.byteLength > 6 && letters(v, 0, 6) === "Exif\0\0") v = new DataView(v.buffer, 6);
        return tiff(v, out);
      }
      at += header + length + (little ? length % 2 : 0);
    }
  }

  // Boxes of ISO base media within a view: [kind, from, to] each.
  function boxes(v, from, to) {
    const all = [];
    for (let at = from, n = 0; at + 8 <= to && n < parts; n++) {
      let length = v.getUint32(at), head = 8;
      if (length === 1 && at + 16 <= to) { length = Number(v.getBigUint64(at + 8)); head = 16; } else if (length === 0) length = to - at;
      if (length < head) break;
      all.push([letters(v, at + 4, 4), at + head, Math.min(at + length, to)]);
      at += length;
    }
    return all;
  }
  const within = (v, list, kind, skip = 0) => {
    const b = list.find((x) => x[0] === kind);
    return b ? boxes(v, b[1] + skip, b[2]) : [];
  };

  async function media(file, out) {
    for (let at = 0, n = 0; n < parts; n++) {
      const h = await view(file, at, 16);
      if (h.byteLength < 8) return;
      let length = h.getUint32(0), head = 8;
      if (length === 1 && h.byteLength === 16) { length = Number(h.getBigUint64(8)); head = 16; } else if (length === 0) length = file.size - at;
      if (length < head) return;
      const kind = letters(h, 4, 4);
      if (kind === "meta" || kind === "moov") {
        const v = await view(file, at + head, Math.min(length - head, 8 * most));
        if (kind === "moov") film(v, out);
        else await items(file, v, out);
      }
      at += length;
    }
  }

  // A HEIC's or AVIF's item "Exif", by its tables of items and of where they lie.
  async function items(file, v, out) {
    const all = boxes(v, 4, v.byteLength);
    const infos = all.find((b) => b[0] === "iinf"), where = all.find((b) => b[0] === "iloc");
    if (!infos || !where) return;
    let exif = -1;
    for (const [kind, from, to] of boxes(v, infos[1] + (v.getUint8(infos[1]) === 0 ? 6 : 8), infos[2])) {
      const version = v.getUint8(from), wide = version === 3;
      if (kind === "infe" && version >= 2 && from + (wide ? 14 : 12) <= to && letters(v, from + (wide ? 10 : 8), 4) === "Exif") exif = wide ? v.getUint32(from + 4) : v.getUint16(from + 4);
    }
    if (exif < 0) return;
    let at = where[1];
    const version = v.getUint8(at), sizes = v.getUint16(at + 4), id = version < 2 ? 2 : 4;
    const offset = sizes >> 12, long = (sizes >> 8) & 15, base = (sizes >> 4) & 15, index = version ? sizes & 15 : 0;
    const number = (n) => {
      let value = 0;
      for (let i = 0; i < n; i++) value = value * 256 + v.getUint8(at++);
      return value;
    };
    at += 6;
    for (let left = Math.min(number(id), 10_000); left > 0 && at < where[2]; left--) {
      const item = number(id);
      const method = version ? number(2) & 15 : 0;
      at += 2;
      const from = number(base), extents = number(2);
      if (item !== exif) { at += extents * (index + offset + long); continue; }
      if (extents > 0 && method === 0) {
        at += index;
        const start = from + number(offset), length = number(long);
        const b = await view(file, start, Math.min(length, most));
        const skip = 4 + b.getUint32(0);
        if (skip < b.byteLength) tiff(new DataView(b.buffer, skip), out);
      }
      return;
    }
  }

  // A film's notes: QuickTime's by their keys, or 3GPP's and Android's by their letters, and when its index was made.
  function film(v, out) {
    const all = boxes(v, 0, v.byteLength);
    const notes = new Map();
    const meta = all.find((b) => b[0] === "meta");
    for (const list of [meta ? boxes(v, meta[1], meta[2]) : [], meta ? boxes(v, meta[1] + 4, meta[2]) : []]) {
      const keys = list.find((b) => b[0] === "keys");
      if (!keys) continue;
      const names = boxes(v, keys[1] + 8, keys[2]).map(([, from, to]) => text(v, from, to - from));
      for (const b of boxes(v, ...(list.find((x) => x[0] === "ilst")?.slice(1) ?? [0, 0]))) {
        const data = boxes(v, b[1], b[2]).find((x) => x[0] === "data");
        const name = names[v.getUint32(b[1] - 4) - 1];
        if (data && name) notes.set(name.replace("com.apple.quicktime.", ""), text(v, data[1] + 8, data[2] - data[1] - 8));
      }
    }
    for (const [kind, from, to] of within(v, all, "udta")) if (kind[0] === "\u00a9" && to - from > 4) notes.set(kind.slice(1), text(v, from + 4, v.getUint16(from)));
    const at = /^([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)/.exec(notes.get("location.ISO6709") ?? notes.get("xyz") ?? "");
    if (at) place(out, Number(at[1]), Number(at[2]));
    camera(out, notes.get("make") ?? notes.get("mak") ?? "", notes.get("model") ?? notes.get("mod") ?? "");
    const said = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?([+-]\d\d:?\d\d|Z)?/.exec(notes.get("creationdate") ?? notes.get("day") ?? "");
    if (said) out.when = out.when ?? (`${said[1]} ${said[2]}` + (said[3] ? ` (${said[3].replace("Z", "UTC").replace(/(\d\d)(\d\d)$/, "$1:$2")})` : ""));
    const head = all.find((b) => b[0] === "mvhd");
    if (!head || head[2] - head[1] < 12) return;
    const seconds = (v.getUint8(head[1]) === 1 ? Number(v.getBigUint64(head[1] + 4)) : v.getUint32(head[1] + 4)) - 2_082_844_800; // since 1904
    if (seconds > 0 && seconds < 4e9) out.when = out.when ?? (new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " (UTC)");
  }

  // read gives what a file says: {place, when, camera}, each a text, or null where it says nothing of that.
  async function read(file) {
    const out = found();
    try {
      const h = await view(file, 0, 16);
      if (h.byteLength < 16) return out;
      const kind = letters(h, 0, 12);
      if (h.getUint16(0) === 0xffd8) await jpeg(file, out);
      else if (kind.startsWith("\u0089PNG")) await chunks(file, out, 8, 12, "eXIf", false);
      else if (kind.startsWith("RIFF") && kind.endsWith("WEBP")) await chunks(file, out, 12, 8, "EXIF", true);
      else if (kind.startsWith("II*\0") || kind.startsWith("MM\0*")) tiff(await view(file, 0, 8 * most), out);
      else if (["ftyp", "moov", "wide", "mdat", "free"].includes(kind.slice(4, 8))) await media(file, out);
    } catch (error) {
      if (!(error instanceof RangeError)) console.warn("heed:", error.name); // what lies outside of a broken file
    }
    return out;
  }

  // offer shows at a file's row what it says, each to be ticked.
  async function offer(file, row, words) {
    const says = await read(file);
    const given = ["place", "when", "camera"].filter((k) => says[k]);
    if (!given.length) return;
    const name = (s) => s.replaceAll("{name}", () => file.name);
    const box = document.createElement("fieldset"), legend = document.createElement("legend");
    box.className = "tells";
    legend.textContent = name(words.tells);
    box.append(legend);
    for (const k of given) {
      const label = document.createElement("label"), tick = document.createElement("input"), bdi = document.createElement("bdi");
      tick.type = "checkbox";
      tick.autocomplete = "off";
      tick.dataset.tells = words[k + "Told"].replace(/\{(name|value)\}/g, (_, what) => (what === "name" ? file.name : says[k]));
      const [before, after] = words[k].split("{value}");
      bdi.textContent = says[k];
      label.append(tick, " ", before ?? "", bdi, after ?? "");
      tick.addEventListener("change", () => tell(row.closest("form")));
      box.append(label);
    }
    row.append(box);
  }

  // tell puts what is ticked of what has arrived into the form, each after the file's address: taken out again, it takes its words along.
  function tell(form) {
    let field = form.elements.tells;
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "tells";
      form.append(field);
    }
    field.value = Array.from(form.querySelectorAll("[data-at] [data-tells]:checked"), (t) => t.closest("[data-at]").dataset.at + " " + t.dataset.tells).join("\n");
  }

  globalThis.heedTells = { read, offer, tell };
})();
