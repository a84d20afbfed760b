package portal_test

import (
	"strings"
	"testing"
)

func TestWhatAFileSaidLeavesTheTextWithTheFile(t *testing.T) {
	l := newLine(t)
	const place, when = "image.jpg was taken here: 41.01050, 28.97840", "image.jpg was taken on 2026-11-27"
	one, other := l.begin("image.jpg", 5), l.begin("image.jpg", 5)
	l.send(one, 0, []byte("words"))
	l.send(other, 0, []byte("other"))
	d := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	tells := one + " " + place + "\n" + one + " " + when + "\n" + other + " " + when + "\n" + l.begin("not.txt", 5) + " of a file that isn't sent\nnothing"
	for range 2 { // sent twice, it is told once
		d = l.post("/report", d.with("uploads", one+"\n"+other, "tells", tells, "go", "add"))
	}
	whole := l.post("/report", d.with("go", "back")).expect(200)
	if text := whole.form().Get("text"); text != told+"\n"+place+"\n"+when {
		t.Errorf("the text is %q", text)
	}
	d = l.post("/report", d.with("remove", "u0"))
	if text := l.post("/report", d.with("go", "back")).form().Get("text"); text != told+"\n"+when {
		t.Errorf("without the first file the text is %q", text)
	}
	d = l.post("/report", d.with("remove", "u0"))
	if text := l.post("/report", d.with("go", "back")).form().Get("text"); text != told {
		t.Errorf("without files the text is %q", text)
	}
	// What the reporter wrote themselves stays, and so does a line that they changed.
	third := l.begin("image.jpg", 5)
	l.send(third, 0, []byte("third"))
	d = l.post("/report", l.get("/report").with("text", told+"\n"+place, "go", "next"))
	d = l.post("/report", d.with("uploads", third, "tells", third+" "+place+"\n"+third+" "+when, "go", "add"))
	d = l.post("/report", d.with("go", "back"))
	d = l.post("/report", d.with("text", strings.Replace(d.form().Get("text"), "2026-11-27", "Friday", 1), "go", "next"))
	d = l.post("/report", d.with("remove", "u0"))
	if text := l.post("/report", d.with("go", "back")).form().Get("text"); text != told+"\n"+place+"\nimage.jpg was taken on Friday" {
		t.Errorf("what was the reporter's own is %q", text)
	}
}

func TestWhatAFileOfALaterMessageSaysGoesWithItOnceAndLeavesWithIt(t *testing.T) {
	l := newLine(t, withLimits)
	_, d := l.sent()
	const place, when = "image.jpg was taken here: 41.01050, 28.97840", "image.jpg was taken on 2026-11-27"
	one, other := l.arrived("image.jpg"), l.arrived("image.jpg")
	tells := one + " " + place + "\n" + other + " " + when + "\n" + l.begin("not.txt", 5) + " of a file that isn't sent"

	// It waits in a crowd, comes back where the reporter doesn't take the report back, and leaves with its file.
	l.crowdLookups(school)
	wait := l.post("/status", d.with("text", red, "uploads", one+"\n"+other, "tells", tells, "go", "look"), "X-From", school).expect(429)
	d = l.post("/status", wait.with("go", "look"), "X-From", home).expect(200)
	if text := d.form().Get("text"); text != red+"\n"+place+"\n"+when {
		t.Errorf("after a crowd the text is %q", text)
	}
	d = l.post("/status", l.post("/status", d.with("go", "withdraw")).with("go", "back")).expect(200)
	d = l.post("/status", d.with("remove", "u0")).expect(200)
	if text := d.form().Get("text"); text != red+"\n"+when {
		t.Errorf("without the first file the text is %q", text)
	}

	// Pressed twice, it is said once, and a message may be nothing but that.
	third := l.arrived("image.jpg")
	send := d.with("text", "", "uploads", third, "tells", third+" "+place, "go", "next")
	for range 2 {
		l.post("/status", send).expect(200, "Sent.", place)
	}
	if r := l.reports(); len(r) != 1 || r[0].Files != 2 || l.staged() != 0 {
		t.Errorf("%+v, %d staged", r, l.staged())
	}
	if said := l.post("/status", d.with("go", "look")).text(); strings.Count(said, place) != 1 {
		t.Errorf("the page reads %q", said)
	}
}
