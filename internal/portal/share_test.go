package portal_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/intake"
)

func TestWhoseNetworkHasItsShareOfTheRoomHearsItInTheirLanguageAndOthersStillSend(t *testing.T) {
	l := newLine(t, withLimits, func(l *line) { l.room = intake.Room{Staged: 2 << 20} })
	full := longText(1_000_000)
	begin := func(network, language string) (address string) {
		t.Helper()
		d := l.tus("POST", "/api/v1/uploads", nil, "Upload-Length", strconv.Itoa(len(full)), "Upload-Metadata", "filename "+encoded("cellar.txt"), "X-From", network, "Accept-Language", language)
		if d.status != 201 {
			t.Fatalf("%d %s", d.status, d.body)
		}
		return d.header.Get("Location")
	}
	send := func(network, language string, part []byte) *doc {
		t.Helper()
		return l.tus("PATCH", begin(network, language), part, "Upload-Offset", "0", "X-From", network, "Accept-Language", language)
	}
	if d := send(school, "es", full); d.status != 204 {
		t.Fatalf("the first: %d %s", d.status, d.body)
	}
	if d := send(school, "es", full); d.status != 507 || !strings.Contains(d.body, `"files-share"`) || !strings.Contains(d.body, "de otras personas de su red") {
		t.Errorf("beyond the share: %d %s", d.status, d.body)
	}
	file := []upload{{"roof.txt", longText(300_000)}}
	files := l.post("/report", l.get("/report", "X-From", school).with("text", told, "go", "next"), "X-From", school)
	l.postFiles("/report", files.with("lang", "fr", "go", "next"), file, "X-From", school).expect(507, "d’autres personnes de votre réseau")
	l.postFiles("/report", files.with("go", "next"), file, "X-From", home).expect(200, "Do you want to say who you are?")
	if d := send(home, "en", full[:100_000]); d.status != 204 {
		t.Errorf("another network: %d %s", d.status, d.body)
	}
	// Words are taken whatever waits.
	l.call("POST", "/api/v1/reports", `{"text":"`+told+`"}`, nil, "X-From", school).expect(201)
}
