package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// told is what the page's script reads in a file.
type told struct{ Place, When, Camera string }

// tellsRunner has the script read files under node, each as it is and broken in many ways.
const tellsRunner = `
require(process.argv[2]);
const fs = require("fs");
const file = (bytes) => Object.assign(new Blob([bytes]), { name: "x" });
console.warn = (...words) => { throw new Error(words.join(" ")); };
// crafted is a HEIC whose table of places names 10,000 items of 65,535 extents each, all of no bytes.
const crafted = () => {
  const box = (kind, ...parts) => { const b = Buffer.concat(parts); const h = Buffer.alloc(8); h.writeUInt32BE(b.length + 8); h.write(kind, 4, "latin1"); return Buffer.concat([h, b]); };
  const infe = box("infe", Buffer.from([2, 0, 0, 0, 0, 9, 0, 0]), Buffer.from("Exif\0\0\0\0"));
  const item = Buffer.from([0, 1, 0, 0, 255, 255]);
  const iloc = box("iloc", Buffer.from([0, 0, 0, 0, 0, 0, 0x27, 0x10]), ...Array(10000).fill(item));
  return Buffer.concat([box("ftyp", Buffer.from("heic\0\0\0\0mif1")), box("meta", Buffer.alloc(4), box("iinf", Buffer.from([0, 0, 0, 0, 0, 1]), infe), iloc)]);
};
(async () => {
  const all = {};
  let broken = 0, slowest = 0, n = 1;
  const random = (below) => { n = (Math.imul(n, 1103515245) + 12345) >>> 0; return Math.floor(n / 4294967296 * below); };
  for (const path of process.argv.slice(3)) {
    const whole = fs.readFileSync(path);
    all[require("path").basename(path)] = await globalThis.heedTells.read(file(whole));
    const head = Math.min(whole.length, 6000), tail = Math.max(0, whole.length - 4000);
    for (let i = 0; i < 150; i++) {
      const b = Buffer.from(i % 4 === 0 ? whole.subarray(0, random(head)) : whole);
      for (let k = 1 + random(12); k > 0 && b.length > 4; k--) {
        const at = random(2) ? random(Math.min(head, b.length - 4)) : Math.min(tail + random(4000), b.length - 4);
        switch (random(4)) {
          case 0: b.writeUInt32BE(0xffffffff, at); break;
          case 1: b.writeUInt32BE(random(40), at); break;
          case 2: b.writeUInt32LE(random(b.length), at); break;
          default: b[at] ^= 1 << random(8);
        }
      }
      const began = Date.now();
      const says = await globalThis.heedTells.read(file(b));
      slowest = Math.max(slowest, Date.now() - began);
      broken++;
      for (const v of Object.values(says)) if (v !== null && (typeof v !== "string" || v.length > 170 || /\p{C}/u.test(v))) throw new Error("it says " + JSON.stringify(v));
    }
  }
  const began = Date.now();
  await globalThis.heedTells.read(file(crafted()));
  console.log(JSON.stringify({ all, broken, slowest, crafted: Date.now() - began }));
})().catch((error) => { console.error(error); process.exit(1); });
`

func needed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// saying makes files that say where, when and with what they were taken, as cameras and telephones write it.
func saying(t *testing.T) (paths []string) {
	t.Helper()
	folder := t.TempDir()
	run := func(program string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), needed(t, program), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	in := func(name string) string {
		paths = append(paths, filepath.Join(folder, name))
		return paths[len(paths)-1]
	}
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	var jpg, drawn bytes.Buffer
	if err := errors.Join(jpeg.Encode(&jpg, picture, nil), png.Encode(&drawn, picture)); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(folder, "plain.png")
	if err := errors.Join(os.WriteFile(in("a.jpg"), jpg.Bytes(), 0o600), os.WriteFile(plain, drawn.Bytes(), 0o600), os.WriteFile(in("a.png"), drawn.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	run("heif-enc", plain, "-o", in("a.heic"))
	run("ffmpeg", "-v", "error", "-i", plain, "-y", in("a.tiff"))
	run("ffmpeg", "-v", "error", "-i", plain, "-y", in("a.webp"))
	run("exiftool", append([]string{"-q", "-overwrite_original", "-Make=Apple", "-Model=iPhone 15", "-DateTimeOriginal=2026:11:27 10:01:02", "-OffsetTimeOriginal=+03:00",
		"-GPSLatitude=41.0105", "-GPSLatitudeRef=N", "-GPSLongitude=28.9784", "-GPSLongitudeRef=W", "-SerialNumber=canary", "-Artist=canary"}, paths...)...)
	short := []string{"-v", "error", "-f", "lavfi", "-i", "color=s=64x48:d=0.1"}
	run("ffmpeg", append(short, "-metadata", "location=-33.8568+151.2153/", "-metadata", "creation_time=2026-11-27T10:01:02Z", "-f", "mov", "-y", in("a.mp4"))...)
	run("ffmpeg", append(short, "-y", in("a.mov"))...)
	run("exiftool", "-q", "-overwrite_original", "-Keys:GPSCoordinates=41.0105, -28.9784, 9", "-Keys:Make=Apple", "-Keys:Model=iPhone 15", "-Keys:CreationDate=2026:11:27 10:01:02+03:00", paths[len(paths)-1])
	return append(paths, plain)
}

func TestThePageReadsWhatAFileSaysAndNothingOfABrokenOneHarmsIt(t *testing.T) {
	paths := saying(t)
	script, err := filepath.Abs("static/tells.js")
	if err != nil {
		t.Fatal(err)
	}
	runner := filepath.Join(t.TempDir(), "runner.cjs")
	if err := os.WriteFile(runner, []byte(tellsRunner), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), needed(t, "node"), append([]string{runner, script}, paths...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var read struct {
		All                      map[string]told
		Broken, Slowest, Crafted int // files; milliseconds
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pictured := told{"41.01050, -28.97840", "2026-11-27 10:01 (+03:00)", "Apple iPhone 15"}
	want := map[string]told{
		"a.jpg": pictured, "a.png": pictured, "a.heic": pictured, "a.tiff": pictured, "a.webp": pictured, "a.mov": pictured, "plain.png": {},
		"a.mp4": {"-33.85680, 151.21530", "2026-11-27 10:01 (UTC)", ""},
	}
	for name, w := range want {
		if read.All[name] != w {
			t.Errorf("%s says %q, want %q", name, read.All[name], w)
		}
	}
	t.Logf("%d broken files, the slowest in %d ms", read.Broken, read.Slowest)
	if read.Crafted > 6000 { // where all its extents are counted, twice as long on a quick machine; else 15
		t.Errorf("a crafted file takes %d ms", read.Crafted)
	}
	if read.Broken < 1000 || read.Slowest > 60_000 {
		t.Errorf("%d broken files, the slowest in %d ms", read.Broken, read.Slowest)
	}
}
