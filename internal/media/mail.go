package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"unicode"
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

// mailLeftOut stands for whom a mail was sent to, who is often the reporter, and for what of its head couldn't be read.
const mailLeftOut = "⟦…⟧"

// mailText puts together what is shown of a mail.
type mailText struct {
	out   bytes.Buffer
	parts int
	cut   bool
}

// readMail is what is shown of a mail: who wrote it, when, of what and what; attachments by their names and kinds, none of them opened.
// A head that isn't as it should be is left out but for what is shown.
// It ends with ctx.
func readMail(ctx context.Context, original io.Reader) (text string, cut bool, err error) {
	m := &mailText{}
	body := bufio.NewReaderSize(io.LimitReader(&patient{ctx, original}, mailRead), 64<<10)
	head, whole, err := readHead(body)
	if err != nil {
		return "", false, err
	}
	words := mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(io.LimitReader(r, mailHead))
		return strings.NewReader(inCharset(name, b)), err
	}}
	for _, name := range mailSays {
		for _, value := range head[textproto.CanonicalMIMEHeaderKey(name)] {
			if name == "To" || name == "Cc" {
				m.out.WriteString(name + ": " + mailLeftOut + "\n")
				break
			}
			if decoded, err := words.DecodeHeader(value); err == nil {
				value = decoded
			} else {
				value = decodeText([]byte(value))
			}
			m.out.WriteString(name + ": " + strings.Join(strings.Fields(value), " ") + "\n")
		}
	}
	if !whole {
		m.out.WriteString(mailLeftOut + "\n")
	}
	m.out.WriteByte('\n')
	m.part(head, body, 0, &words)
	return m.out.String(), m.cut, ctx.Err()
}

// readMails is readMail for each of the mails that lie behind each other in an mbox (RFC 4155).
func readMails(ctx context.Context, b []byte) (text string, cut bool, err error) {
	var out strings.Builder
	for n := 0; len(b) > 0; n++ {
		if n == mailParts || out.Len() > textBytes {
			return out.String(), true, nil
		}
		at, _, _, _ := mailAt(b)
		b = b[at:]
		end := nextMail(b)
		one, more, err := readMail(ctx, bytes.NewReader(b[:end]))
		if err != nil {
			return "", false, err
		}
		if n > 0 {
			out.WriteString("\n")
		}
		out.WriteString(one)
		b, cut = b[end:], cut || more
	}
	return out.String(), cut, nil
}

// nextMail is where in an mbox the mail ends with which b begins.
func nextMail(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("\nFrom "))
		if i < 0 {
			return len(b)
		}
		from += i + 1
		if _, _, _, found := mailAt(b[from:]); found {
			return from
		}
	}
}

// inCharset is bytes of the named charset as UTF-8; of one that nobody knows it is guessed.
func inCharset(name string, b []byte) string {
	if decode := charset(name); decode != nil && name != "" {
		return decode(b)
	}
	return decodeText(b)
}

// part adds what is shown of one part, and reports whether that is words.
func (m *mailText) part(head textproto.MIMEHeader, body io.Reader, deep int, words *mime.WordDecoder) (spoke bool) {
	if m.parts++; m.parts > mailParts || deep > mailDeep || m.out.Len() > textBytes {
		m.cut = true
		return false
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
	said := ""
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return m.all(multipart.NewReader(body, params["boundary"]), kind == "multipart/alternative", deep, words)
	case kind == "text/plain" && how != "attachment":
		said = m.words(head, body, params["charset"])
	case kind == "text/html" && how != "attachment":
		said = withoutMarkup(m.words(head, body, params["charset"]))
	default:
		if decoded, err := words.DecodeHeader(name); err == nil {
			name = decoded
		}
		m.out.WriteString("\n⟦" + strings.Join(strings.Fields(name+" · "+kind), " ") + "⟧\n")
		return false
	}
	m.out.WriteString(said + "\n")
	return strings.TrimSpace(said) != ""
}

// all adds what is shown of parts; of alternatives the first that says anything, which is the plainest, and of the others those that say more:
// which of them somebody saw, their program chose.
func (m *mailText) all(parts *multipart.Reader, alternatives bool, deep int, words *mime.WordDecoder) (spoke bool) {
	start := m.out.Len()
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return spoke
		}
		if err != nil || m.parts > mailParts {
			m.cut = true
			return spoke
		}
		before := m.out.Len()
		says := m.part(p.Header, p, deep+1, words)
		said := string(m.out.Bytes()[before:])
		switch {
		case !alternatives, !spoke && strings.TrimSpace(said) != "":
		case says && saysMore(string(m.out.Bytes()[start:before]), said):
			kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
			if err != nil {
				kind = "…"
			}
			m.out.Truncate(before)
			m.out.WriteString("\n⟦" + kind + "⟧\n" + said)
		default:
			m.out.Truncate(before)
		}
		spoke = spoke || says
	}
}

// saysMore reports whether a text has a word that another, which is shown, has not. Where words aren't set apart (the ideographs and kana of
// Unicode begin at U+2E80) lines may break anywhere, so that of a run of them each two neighbours are looked for among those of all that is shown.
// It takes time in proportion to both, whatever they are.
func saysMore(shown, text string) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(shown), apart) {
		words[w] = true
	}
	var pairs map[[2]rune]bool
	for _, w := range strings.FieldsFunc(strings.ToLower(text), apart) {
		if words[w] {
			continue
		}
		if !strings.ContainsFunc(w, func(r rune) bool { return r >= 0x2E80 }) {
			return true
		}
		if pairs == nil {
			pairs = neighbours(strings.ToLower(shown), apart)
		}
		before := rune(0)
		for _, r := range w {
			if !pairs[[2]rune{before, r}] {
				return true
			}
			before = r
		}
		words[w] = true
	}
	return false
}

// neighbours are each two characters of a text that stand beside each other once what sets words apart is left out, and each behind a 0.
func neighbours(text string, apart func(rune) bool) map[[2]rune]bool {
	pairs, before := map[[2]rune]bool{}, rune(0)
	for _, r := range text {
		if apart(r) {
			continue
		}
		pairs[[2]rune{before, r}], pairs[[2]rune{0, r}] = true, true
		before = r
	}
	return pairs
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
