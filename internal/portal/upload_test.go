package portal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const offsetStream = "application/offset+octet-stream"

// tus sends one request of the protocol.
func (l *line) tus(method, address string, body []byte, headers ...string) *doc {
	l.t.Helper()
	all := append([]string{"Tus-Resumable", "1.0.0"}, headers...)
	if body != nil {
		all = append([]string{"Content-Type", offsetStream}, all...)
	}
	return l.do(l.request(method, address, bytes.NewReader(body), all...))
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// begin begins an upload and gives its address.
func (l *line) begin(name string, size int) string {
	l.t.Helper()
	d := l.tus("POST", "/api/v1/uploads", nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", "filename "+encoded(name)+",filetype "+encoded("text/plain"))
	address := d.header.Get("Location")
	if d.status != 201 || !strings.HasPrefix(address, "/api/v1/uploads/") {
		l.t.Fatalf("%d %v %s", d.status, d.header, d.body)
	}
	return address
}

// send sends what comes next and wants the upload to end there.
func (l *line) send(address string, from int, part []byte) {
	l.t.Helper()
	d := l.tus("PATCH", address, part, "Upload-Offset", strconv.Itoa(from))
	if d.status != 204 || d.header.Get("Upload-Offset") != strconv.Itoa(from+len(part)) {
		l.t.Fatalf("%d %v %s", d.status, d.header, d.body)
	}
}

func (l *line) uploadOffset(address string) (status int, offset string) {
	l.t.Helper()
	d := l.tus("HEAD", address, nil)
	return d.status, d.header.Get("Upload-Offset")
}

// longText is n bytes of text that don't repeat.
func longText(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "line %d of what happened\n", i)
	}
	return b.Bytes()[:n]
}

func TestAFileComesBitByBitAndAReportTakesIt(t *testing.T) {
	l := newLine(t)
	content := longText(9 << 20) // more than two pieces
	address := l.begin("the cellar.txt", len(content))
	if status, offset := l.uploadOffset(address); status != 204 || offset != "0" {
		t.Errorf("a new one: %d at %s", status, offset)
	}
	l.send(address, 0, content[:5<<20])
	d := l.tus("HEAD", address, nil)
	if d.status != 204 || d.header.Get("Upload-Offset") != "5242880" || d.header.Get("Upload-Length") != "9437184" || !strings.Contains(d.header.Get("Cache-Control"), "no-store") {
		t.Errorf("%d %v", d.status, d.header)
	}
	if said := fmt.Sprint(d.header); strings.Contains(said, "cellar") || strings.Contains(said, encoded("the cellar.txt")) || d.header.Get("Upload-Metadata") != "" {
		t.Errorf("it tells what the file is called: %s", said)
	}
	if expires, err := http.ParseTime(d.header.Get("Upload-Expires")); err != nil || expires.Sub(l.clock()) != 24*time.Hour {
		t.Errorf("expires %v, %v", d.header.Get("Upload-Expires"), err)
	}
	body := func() string { return fmt.Sprintf(`{"text":"Gas smell in Mill Lane.","uploads":[%q]}`, address) }
	var p problem
	if d := l.call("POST", "/api/v1/reports", body(), &p); d.status != 422 || p.Code != "upload-unfinished" || p.Errors[0].Field != "uploads" {
		t.Errorf("unfinished: %d %s", d.status, d.body)
	}
	l.send(address, 5<<20, content[5<<20:])
	var a accepted
	if d := l.call("POST", "/api/v1/reports", body(), &a); d.status != 201 || len(a.Receipt) != 20 {
		t.Fatalf("%d %s", d.status, d.body)
	}
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 {
		t.Errorf("stored %+v", r)
	}
	if n, blobs := l.staged(), l.blobs(); n != 0 || blobs != 1 {
		t.Errorf("%d files are staged, %d blobs are left", n, blobs)
	}
	if status, _ := l.uploadOffset(address); status != 404 {
		t.Errorf("afterwards: %d", status)
	}
	if d := l.call("POST", "/api/v1/reports", body(), &p); d.status != 422 || p.Code != "file-gone" {
		t.Errorf("taken twice: %d %s", d.status, d.body)
	}
	if log := l.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
}

func TestReportsAsFormsAndMessagesTakeUploads(t *testing.T) {
	l := newLine(t)
	whole := func(name string) string {
		address := l.begin(name, 5)
		l.send(address, 0, []byte("words"))
		return address
	}
	token := whole("b.txt")
	token = token[strings.LastIndex(token, "/")+1:]
	d := l.postFiles("/api/v1/reports", url.Values{"text": {told}, "uploads": {l.server.URL + whole("a.txt") + "\n" + token}}, []upload{{"c.txt", []byte("c")}})
	if r := l.reports(); d.status != 201 || len(r) != 1 || r[0].Files != 3 {
		t.Fatalf("%d %s: %+v", d.status, d.body, r)
	}
	var a accepted
	if err := json.Unmarshal([]byte(d.body), &a); err != nil {
		t.Fatal(err)
	}
	auth := []string{"Authorization", "Receipt " + a.Receipt}
	if d := l.call("POST", "/api/v1/messages", fmt.Sprintf(`{"uploads":[%q]}`, whole("d.txt")), nil, auth...); d.status != 201 {
		t.Errorf("a message: %d %s", d.status, d.body)
	}
	if d := l.postFiles("/api/v1/messages", url.Values{"text": {"More."}, "uploads": {whole("e.txt")}}, nil, auth...); d.status != 201 {
		t.Errorf("a message as a form: %d %s", d.status, d.body)
	}
	if r := l.reports(); r[0].Files != 5 || l.staged() != 0 {
		t.Errorf("%d files, %d staged", r[0].Files, l.staged())
	}
	for name, d := range map[string]*doc{
		"JSON":    l.call("POST", "/api/v1/messages", `{"text":"More.","uploads":["/api/v1/uploads/AAAA"]}`, nil, auth...),
		"a form":  l.postFiles("/api/v1/messages", url.Values{"text": {"More."}, "uploads": {"nonsense"}}, []upload{{"f.txt", []byte("f")}}, auth...),
		"reports": l.postFiles("/api/v1/reports", url.Values{"text": {told}, "uploads": {"nonsense"}}, []upload{{"f.txt", []byte("f")}}),
	} {
		if d.status != 422 || !strings.Contains(d.body, "file-gone") {
			t.Errorf("a foreign address in %s: %d %s", name, d.status, d.body)
		}
	}
	if l.staged() != 0 {
		t.Errorf("%d files of refused messages are staged", l.staged())
	}
	many := `"x"` + strings.Repeat(`,"x"`, 20)
	if d := l.call("POST", "/api/v1/reports", `{"text":"Gas smell.","uploads":[`+many+`]}`, nil); d.status != 422 || !strings.Contains(d.body, "too-many-files") {
		t.Errorf("21 uploads: %d %s", d.status, d.body)
	}
}

func TestTheServerSaysWhatUploadsCanDo(t *testing.T) {
	l := newLine(t)
	for _, path := range []string{"/api/v1/uploads", l.begin("a.txt", 5)} {
		d := l.do(l.request("OPTIONS", path, nil, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "tus-resumable"))
		want := map[string]string{
			"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Max-Size": "2147483648", "Tus-Checksum-Algorithm": "sha1,sha256",
			"Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination",
		}
		for name, value := range want {
			if d.status != 204 || d.header.Get(name) != value {
				t.Errorf("%s: %d, %s: %q", path, d.status, name, d.header.Get(name))
			}
		}
		for name := range d.header {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("another site's page may use it: %s", name)
			}
		}
	}
}

func TestAnUploadMayBeginWithItsFirstBytes(t *testing.T) {
	l := newLine(t)
	content := longText(100_000)
	sum := sha256.Sum256(content[:60_000])
	d := l.tus("POST", "/api/v1/uploads", content[:60_000], "Upload-Length", "100000", "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(sum[:]))
	if d.status != 201 || d.header.Get("Upload-Offset") != "60000" {
		t.Fatalf("%d %v", d.status, d.header)
	}
	l.send(d.header.Get("Location"), 60_000, content[60_000:])
	program := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 50_000)...)
	if d := l.tus("POST", "/api/v1/uploads", program, "Upload-Length", "60000"); d.status != 415 || !strings.Contains(d.body, "file-type") || d.header.Get("Location") != "" {
		t.Errorf("a program: %d %s", d.status, d.body)
	}
	if n := l.blobs(); n != 2 {
		t.Errorf("%d blobs, where the upload has two", n)
	}
}

func TestAnUploadsAddressDiesWithTheUpload(t *testing.T) {
	l := newLine(t)
	address := l.begin("a.txt", 10)
	l.send(address, 0, []byte("words"))
	l.wait(24 * time.Hour)
	var p problem
	d := l.tus("PATCH", address, []byte("words"), "Upload-Offset", "5")
	if err := json.Unmarshal([]byte(d.body), &p); err != nil || d.status != 410 || p.Code != "file-gone" {
		t.Errorf("%d %s", d.status, d.body)
	}
	if status, _ := l.uploadOffset(address); status != 410 {
		t.Errorf("asked for: %d", status)
	}
	l.wait(time.Minute)
	if _, err := l.intake.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.nothingKept()
}

// cutOff sends less of a body than it announced, and goes.
func (l *line) cutOff(address string, from, announced int, sent []byte) {
	l.t.Helper()
	conn, err := net.Dial("tcp", l.server.Listener.Addr().String())
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nContent-Type: %s\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n%s", address, offsetStream, from, announced, sent)
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestWhatArrivedBeforeTheLineBrokeIsWhereAnUploadGoesOn(t *testing.T) {
	l := newLine(t)
	content := longText(6 << 20)
	address := l.begin("a.txt", len(content))
	l.cutOff(address, 0, len(content), content[:5<<20])
	offset := ""
	for deadline := time.Now().Add(time.Minute); offset != "5242880" && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		_, offset = l.uploadOffset(address)
	}
	if offset != "5242880" {
		t.Fatalf("it goes on at %s", offset)
	}
	l.send(address, 5<<20, content[5<<20:])
	if d := l.call("POST", "/api/v1/reports", fmt.Sprintf(`{"text":"Gas smell.","uploads":[%q]}`, address), nil); d.status != 201 {
		t.Errorf("%d %s", d.status, d.body)
	}
}

func TestOfTwoSendingsAtOnceOneWins(t *testing.T) {
	l := newLine(t)
	content := longText(300_000)
	address := l.begin("a.txt", len(content))
	statuses := make([]int, 4)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() { statuses[i] = l.tus("PATCH", address, content, "Upload-Offset", "0").status })
	}
	wg.Wait()
	count := map[int]int{}
	for _, s := range statuses {
		count[s]++
	}
	if count[204] != 1 || count[409] != 3 {
		t.Errorf("%v", statuses)
	}
	if l.blobs() != 1 {
		t.Errorf("%d blobs", l.blobs())
	}
}

// FuzzUpload wants an answer of the protocol or a problem document, never a fault of ours, whatever its headers and address hold.

func TestWhatCameBitByBitIsListedAndRemovedLikeAnyFile(t *testing.T) {
	l := newLine(t)
	whole, half := l.begin("cellar.txt", 5), l.begin("roof.txt", 5)
	l.send(whole, 0, []byte("words"))
	l.send(half, 0, []byte("wo"))
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	l.post("/report", files.with("uploads", half, "go", "next")).expect(422, "hasn't arrived whole")
	l.post("/report", files.with("uploads", "/api/v1/uploads/AAAA", "go", "next")).expect(422, "no longer here")
	added := l.post("/report", files.with("uploads", whole, "go", "add")).expect(200, "cellar.txt")
	if again := l.post("/report", added.with("uploads", whole, "go", "add")).expect(200, "1 file added"); !strings.Contains(again.body, `value="u0"`) {
		t.Errorf("sent twice: %s", again.body)
	}
	l.post("/report", added.with("remove", "u0")).expect(200, "add files")
	if status, _ := l.uploadOffset(whole); status != 404 {
		t.Errorf("after it was removed: %d", status)
	}
	for _, broken := range []string{"u1", "u-1", "u", "x"} {
		l.post("/report", added.with("remove", broken)).expect(200, "cellar.txt")
	}
	l.send(half, 2, []byte("rds"))
	d := l.post("/report", files.with("uploads", half, "go", "next"))
	for range 2 {
		d = l.post("/report", d.with("go", "next"))
	}
	d.expect(200, "Receipt")
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 || l.staged() != 0 {
		t.Errorf("%+v, %d staged", r, l.staged())
	}
}
