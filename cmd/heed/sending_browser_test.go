package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// relay is a slow line to a server, which can be cut.
type relay struct {
	url    string
	server string // HOST:PORT
	mu     sync.Mutex
	cut    bool
	open   []net.Conn
	sent   int // bytes to the server
	starts int // uploads that were begun
}

func startRelay(t *testing.T, url string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{url: "http://" + l.Addr().String(), server: strings.TrimPrefix(url, "http://")}
	t.Cleanup(func() { r.set(true); l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go r.serve(c)
			}
		}
	}()
	return r
}

// set cuts the line, or mends it.
func (r *relay) set(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut = cut; cut {
		for _, c := range r.open {
			c.Close()
		}
		r.open = nil
	}
}

// bytes are how many went to the server so far.
func (r *relay) bytes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent
}

// begun are how many uploads were begun.
func (r *relay) begun() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.starts
}

func (r *relay) serve(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", r.server)
	if err != nil {
		return
	}
	defer to.Close()
	r.mu.Lock()
	if r.cut {
		r.mu.Unlock()
		return
	}
	r.open = append(r.open, from, to)
	r.mu.Unlock()
	go func() {
		_, _ = io.Copy(from, to) // it is cut
		from.Close()
	}()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			r.mu.Lock()
			r.sent += n
			r.starts += bytes.Count(b[:n], []byte("POST /api/v1/uploads "))
			r.mu.Unlock()
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
			time.Sleep(time.Duration(n) * time.Second / (4 << 20)) // 4 MiB a second
		}
		if err != nil {
			return
		}
	}
}

func TestFilesGoOnAfterALineThatBreaksAndAReloadInABrowser(t *testing.T) {
	l := startLine(t)
	line := startRelay(t, l.public)
	folder, content := t.TempDir(), longStory(20<<20)
	write := func(name string, b []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	story, archive, large := write("story.txt", content), write("all.zip", []byte("PK")), write("film.mp4", nil)
	if err := os.Truncate(large, 2<<30+1); err != nil {
		t.Fatal(err)
	}
	b := openTab(t, view{320, "ar", true})
	b.open(line.url + "/report?lang=ar")
	b.write("#text", told)
	b.next()
	choose := func(path string) { b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{path})) }
	fault := func() string { return eval[string](b, `document.querySelector("#sending [role=alert]").textContent`) }

	// What the browser can know is said before a byte is sent.
	before := line.bytes()
	for path, says := range map[string]string{large: "film.mp4 كبير جدًا", archive: "all.zip"} {
		choose(path)
		if said := strings.Map(func(r rune) rune { // without the marks that keep a name's direction
			if r >= 0x2066 && r <= 0x2069 {
				return -1
			}
			return r
		}, fault()); !strings.Contains(said, says) {
			t.Errorf("%s: it says %q", path, said)
		}
	}
	if sent := line.bytes() - before; sent != 0 {
		t.Errorf("%d bytes were sent of what can't be taken", sent)
	}
	b.check("files that can't be taken")

	// It goes on after a break, and after the page was loaded anew and the file chosen again.
	offset := func() float64 {
		return eval[float64](b, `document.querySelector("#sending progress")?.value ?? 0`)
	}
	choose(story)
	eventually(t, time.Minute, "some of the file to be sent", func() bool { return offset() > 5<<20 })
	b.check("files on their way")
	line.set(true)
	eventually(t, time.Minute, "the break to be said", func() bool {
		return eval[int](b, `document.querySelectorAll("#sending li[data-state=waiting]").length`) == 1
	})
	line.set(false)
	eventually(t, time.Minute, "it to go on", func() bool { return offset() > 10<<20 })
	b.do(chromedp.Reload())
	b.do(chromedp.WaitReady(chromedp.CSS("#sending")))
	if !eval[bool](b, `!document.querySelector("#sending [data-again]").hidden`) {
		t.Error("the page doesn't say that a file must be chosen again")
	}
	b.check("files after a reload")
	choose(story)
	b.next() // waits until it has arrived
	if begun := line.begun(); begun != 1 {
		t.Errorf("the file was begun %d times", begun)
	}
	b.next()
	if said := b.text("dl.summary"); !strings.Contains(said, "story.txt") {
		t.Errorf("the answers to check are %q", said)
	}
	b.next()
	if receipt := strings.Join(strings.Fields(b.text("#receipt")), ""); len(receipt) != 20 {
		t.Fatalf("the receipt reads %q", receipt)
	}
	if kept := eval[int](b, "sessionStorage.length"); kept != 0 {
		t.Errorf("the browser keeps %d things", kept)
	}
	l.arrivesWhole(t, "story.txt", content)
}

func TestFilesAreDroppedOnThePageAndItSaysHowLongTheyTakeAndAPhonesCameraIsAtHand(t *testing.T) {
	l := startLine(t)
	b := openTab(t, view{320, "en", true})
	b.open(l.public + "/report")
	b.write("#text", told)
	b.next()
	if n := eval[int](b, `document.querySelectorAll("input[type=file][multiple]:not([capture])").length`); n != 1 {
		t.Errorf("%d fields take several files", n)
	}
	for _, kind := range []string{"image/*", "video/*", "audio/*"} {
		if n := eval[int](b, fmt.Sprintf(`document.querySelectorAll("input[type=file][capture][accept='%s']").length`, kind)); n != 1 {
			t.Errorf("%d fields open what records %s", n, kind)
		}
	}
	// The page's clock runs 3 seconds between any two looks at it, so that a pace is known however quick the line is.
	eval[bool](b, `(() => {
		const real = performance.now.bind(performance);
		let looks = 0;
		performance.now = () => real() + 3000 * looks++;
		globalThis.saidOfFiles = [];
		const list = document.querySelector("#sending ul");
		new MutationObserver(() => saidOfFiles.push(list.innerText)).observe(list, { childList: true, subtree: true, characterData: true });
		const dropped = new DataTransfer();
		for (const name of ["cellar.txt", "roof.txt"]) dropped.items.add(new File(["one more line of a long story\n".repeat(300000)], name, { type: "text/plain" }));
		const event = (kind) => document.getElementById("sending").dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: dropped }));
		return !event("dragover") && !event("drop"); // neither replaces the page
	})()`)
	eventually(t, time.Minute, "both files to arrive", func() bool {
		return eval[int](b, `document.querySelectorAll("#sending li[data-state=arrived]").length`) == 2
	})
	if said := eval[string](b, `saidOfFiles.join("\n")`); !strings.Contains(said, "% · ") || !strings.Contains(said, "second") {
		t.Errorf("on their way the page says %q", said)
	}
	b.next()
	b.next()
	if said := b.text("dl.summary"); !strings.Contains(said, "cellar.txt") || !strings.Contains(said, "roof.txt") {
		t.Errorf("the answers to check are %q", said)
	}
}
