package media

import (
	"bufio"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mailKind is a mail as programs store one (RFC 5322).
const mailKind = "message/rfc822"

const (
	// mailHead is how large a mail's head may be, mailRead how much of it is read in all, past the attachments that are left out.
	mailHead, mailRead = 256 << 10, 64 << 20
	// mailParts is how many parts of it are looked at, mailDeep how deep they may lie in each other.
	mailParts, mailDeep = 100, 8
)

// mailSays are the lines of a mail's head that are shown: what who reads it sees. The rest (by which machines it came, which programs wrote and
// read it, whom it was sent to unseen) tells who sends it on, and isn't.
var mailSays = []string{"From", "To", "Cc", "Subject", "Date"}

// mailText puts together what is shown of a mail.
type mailText struct {
	out   strings.Builder
	parts int
	cut   bool
}

// readMail is what is shown of a mail: who wrote it to whom, when, of what and what; attachments by their names and kinds, none of them opened.
// What is no mail is a text.
func readMail(original io.ReaderAt) (text string, cut bool) {
	from := io.NewSectionReader(original, 0, mailRead)
	m := &mailText{}
	head := &io.LimitedReader{R: from, N: mailHead}
	read, err := mail.ReadMessage(bufio.NewReader(head))
	if err != nil {
		b, _ := io.ReadAll(io.NewSectionReader(original, 0, textRead)) // what could be read of it
		return decodeText(b), len(b) == textRead
	}
	head.N = mailRead // the head is read
	words := mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(io.LimitReader(r, mailHead))
		return strings.NewReader(inCharset(name, b)), err
	}}
	for _, name := range mailSays {
		for _, value := range read.Header[textproto.CanonicalMIMEHeaderKey(name)] {
			if decoded, err := words.DecodeHeader(value); err == nil {
				value = decoded
			} else {
				value = decodeText([]byte(value))
			}
			m.out.WriteString(name + ": " + strings.Join(strings.Fields(value), " ") + "\n")
		}
	}
	m.out.WriteByte('\n')
	m.part(textproto.MIMEHeader(read.Header), read.Body, 0, &words)
	return m.out.String(), m.cut
}

// inCharset is bytes of the named charset as UTF-8; of one that nobody knows it is guessed.
func inCharset(name string, b []byte) string {
	if decode := charset(name); decode != nil && name != "" {
		return decode(b)
	}
	return decodeText(b)
}

// part adds what is shown of one part.
func (m *mailText) part(head textproto.MIMEHeader, body io.Reader, deep int, words *mime.WordDecoder) {
	if m.parts++; m.parts > mailParts || deep > mailDeep || m.out.Len() > textBytes {
		m.cut = true
		return
	}
	kind, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	how, disposition, err := mime.ParseMediaType(head.Get("Content-Disposition"))
	if err != nil {
		how = ""
	}
	name := disposition["filename"]
	if name == "" {
		name = params["name"]
	}
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		m.all(multipart.NewReader(body, params["boundary"]), kind == "multipart/alternative", deep, words)
	case kind == "text/plain" && how != "attachment":
		m.out.WriteString(m.words(head, body, params["charset"]) + "\n")
	case kind == "text/html" && how != "attachment":
		m.out.WriteString(withoutMarkup(m.words(head, body, params["charset"])) + "\n")
	default:
		if decoded, err := words.DecodeHeader(name); err == nil {
			name = decoded
		}
		m.out.WriteString("\n⟦" + strings.TrimSpace(name+" · "+kind) + "⟧\n")
	}
}

// all adds what is shown of parts; of alternatives the plainest.
func (m *mailText) all(parts *multipart.Reader, alternatives bool, deep int, words *mime.WordDecoder) {
	before, said := m.out.Len(), ""
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil || m.parts > mailParts {
			m.cut = true
			return
		}
		m.part(p.Header, p, deep+1, words)
		if !alternatives {
			continue
		}
		if said == "" {
			said = m.out.String()[before:]
		}
		if kept := m.out.String()[:before] + said; strings.TrimSpace(said) != "" {
			m.out.Reset()
			m.out.WriteString(kept)
		} else {
			said = ""
		}
	}
}

// words are a part's, as UTF-8.
func (m *mailText) words(head textproto.MIMEHeader, body io.Reader, charset string) string {
	switch strings.ToLower(strings.TrimSpace(head.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(io.LimitReader(body, textRead+1))
	m.cut = m.cut || err != nil || len(b) > textRead
	return inCharset(charset, b)
}

// withoutMarkup is what a page of the web says: its words, without a thing that it draws, fetches or runs.
func withoutMarkup(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	z.SetMaxBuf(textRead)
	silent := atom.Atom(0)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(out.String())
		case html.TextToken:
			if silent == 0 {
				out.WriteString(strings.Join(strings.Fields(" "+string(z.Text())+" "), " ") + " ")
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			switch a := atom.Lookup(name); a {
			case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template:
				if silent == 0 {
					silent = a
				}
			case atom.P, atom.Div, atom.Br, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.Blockquote, atom.Table:
				out.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Br {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); silent != 0 && atom.Lookup(name) == silent {
				silent = 0
			}
		}
	}
}

// tidy is a text without spaces at its lines' ends and without more than one empty line.
func tidy(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
