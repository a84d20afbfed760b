package web

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	// pageSize is the length to which a page is padded, dataSize that of an answer for programs. docs/adr/0005 measures
	// what they hold: every page of the portal in every language, and a report's status with some messages.
	pageSize = 32 << 10
	dataSize = 8 << 10

	commentStart, commentEnd = "<!--", "-->"
)

// Padded makes the answers of next as long as others, so that an encrypted connection doesn't tell by length which page
// was read or whether a report's status changed: a page has 32 KiB, an answer for programs 8 KiB, and what is longer the
// next doubling of that. Pages end in a comment of blanks, which neither readers nor screen readers meet and which needs
// no script; JSON and plain text end in blanks, which their formats ignore.
//
// Whoever compresses on the way undoes it, so every answer says no-transform (RFC 9111, section 5.2.2.6).
func Padded(next http.Handler) http.Handler {
	blanks := bytes.Repeat([]byte{' '}, dataSize)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store, no-transform")
		p := &padder{ResponseWriter: w, blanks: blanks}
		next.ServeHTTP(p, r)
		p.finish()
	})
}

// padder holds back an answer of unknown length until it is whole; one of known length passes through.
type padder struct {
	http.ResponseWriter
	status  int // 0: nothing was answered yet
	passing bool
	left    int // bytes of the declared length that are still to come
	padding padding
	blanks  []byte // of all answers
	body    bytes.Buffer
}

// padding is what follows an answer's body.
type padding struct {
	comment bool
	length  int
}

// Unwrap lets http.ResponseController reach the connection.
func (p *padder) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// WriteHeader begins an answer.
func (p *padder) WriteHeader(status int) {
	switch {
	case p.status != 0:
		return
	case status < http.StatusOK:
		p.ResponseWriter.WriteHeader(status) // the answer itself is still to come
		return
	}
	p.status = status
	if status == http.StatusNoContent || status == http.StatusNotModified {
		p.passing = true
		p.ResponseWriter.WriteHeader(status)
		return
	}
	if length, err := strconv.Atoi(p.Header().Get("Content-Length")); err == nil && length > 0 {
		p.pass(length)
	}
}

// pass sends the header of an answer of so many bytes.
func (p *padder) pass(length int) {
	h := p.Header()
	if length == 0 && h.Get("Content-Type") == "" { // a redirect of a form that was sent
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	p.passing, p.left, p.padding = true, length, paddingFor(h.Get("Content-Type"), length)
	h.Set("Content-Length", strconv.Itoa(length+p.padding.length))
	p.ResponseWriter.WriteHeader(p.status)
}

// Write takes a piece of the body.
func (p *padder) Write(b []byte) (int, error) {
	if p.status == 0 {
		p.WriteHeader(http.StatusOK)
	}
	if !p.passing {
		return p.body.Write(b)
	}
	n, err := p.ResponseWriter.Write(b)
	p.left -= n
	return n, err
}

// finish sends what was held back, and the padding. Where the handler gave no answer there is nobody to hear one.
func (p *padder) finish() {
	if p.status == 0 {
		return
	}
	if !p.passing {
		p.pass(p.body.Len())
		n, err := p.body.WriteTo(p.ResponseWriter)
		if p.left -= int(n); err != nil {
			return // the client has gone
		}
	}
	if p.left == 0 && p.padding.length > 0 {
		p.pad()
	}
}

func (p *padder) pad() {
	start, end := "", ""
	if p.padding.comment {
		start, end = commentStart, commentEnd
	}
	_, err := io.WriteString(p.ResponseWriter, start)
	for left := p.padding.length - len(start) - len(end); left > 0 && err == nil; {
		var n int
		n, err = p.ResponseWriter.Write(p.blanks[:min(left, len(p.blanks))])
		left -= n
	}
	if err == nil {
		_, err = io.WriteString(p.ResponseWriter, end)
	}
	if err != nil {
		return // the client has gone
	}
}

// paddingFor is the padding of a body of so many bytes; none for kinds that blanks would break.
func paddingFor(contentType string, length int) padding {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return padding{}
	case kind == "text/html":
		return padding{comment: true, length: bucket(length+len(commentStart+commentEnd), pageSize) - length}
	case kind == "application/json", strings.HasSuffix(kind, "+json"):
		return padding{length: bucket(length, dataSize) - length}
	case kind == "text/plain":
		return padding{length: bucket(length, pageSize) - length}
	}
	return padding{}
}

// bucket is the smallest doubling of first that holds n bytes.
func bucket(n, first int) int {
	for first < n {
		first *= 2
	}
	return first
}
