package media_test

import (
	"fmt"
	"strings"
	"testing"
)

// textBombs are texts and mails made to take long, to be much, or to be none. All but those that aren't texts at all are shown as far as they go.
func textBombs() map[string]bomb {
	mail := func(head, body string) bomb {
		return bomb{"message/rfc822", []byte("From: a@example.org\r\nMIME-Version: 1.0\r\n" + head + "\r\n\r\n" + body), true}
	}
	deep := func(n int) bomb {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n", i, i+1)
		}
		return mail("Content-Type: multipart/mixed; boundary=0", b.String())
	}
	parts := func(of string, n int, part string) bomb {
		return mail("Content-Type: multipart/"+of+"; boundary=a", strings.Repeat("--a\r\n"+part+"\r\n", n)+"--a--\r\n")
	}
	return map[string]bomb{
		"a mail whose parts lie ten thousand deep":    deep(10_000),
		"a mail of a hundred thousand parts":          parts("mixed", 100_000, "Content-Type: text/plain\r\n\r\nx"),
		"a mail in mails":                             mail("Content-Type: message/rfc822", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 50_000)),
		"a mail that is all head":                     mail(strings.Repeat("Subject: x\r\n\t", 400_000), ""),
		"a mail whose base64 is none":                 mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", strings.Repeat("=?!canary\r\n", 100_000)),
		"a mail in an alphabet that isn't":            mail("Content-Type: text/plain; charset=utf-7,klingon", "+ADw-script+AD4-\xff\xfe\x00"),
		"a mail whose parts never end":                mail("Content-Type: multipart/mixed; boundary=a", "--a\r\n\r\n"+strings.Repeat("--a", 2_000_000)),
		"a mail whose page is a million tags deep":    mail("Content-Type: text/html", strings.Repeat("<div><a href=x>", 500_000)),
		"a text of one line of a hundred million":     {"text/plain; charset=utf-8", []byte(strings.Repeat("x", 100_000_000)), true},
		"a text of ten million lines":                 {"text/plain; charset=utf-8", []byte(strings.Repeat("\n", 10_000_000)), true},
		"a text of marks upon one letter":             {"text/plain; charset=utf-8", []byte("a" + strings.Repeat("\u0301", 5_000_000)), true},
		"a text that turns at each letter":            {"text/plain; charset=utf-8", []byte(strings.Repeat("\u202Ea\u2066ب", 1_000_000)), true},
		"a text of zeros":                             {"text/plain; charset=utf-16le", make([]byte, 20_000_000), true},
		"a table of a million cells in one row":       {"text/csv", []byte(strings.Repeat(`"=cmd|' /C calc'!A0",`, 1_000_000)), true},
		"an archive that says it is a text":           {"text/plain", []byte("PK\x03\x04" + strings.Repeat("\x00\xff", 1_000_000)), true},
		"a mail whose page says more in all versions": parts("alternative", 90, "Content-Type: text/html; charset=utf-8\r\n\r\n"+strings.Repeat("<p>不 要 来", 20_000)),
	}
}

// A copy of a text takes a second or two of LibreOffice, so that a run that is no soak sees three.
func TestABombOrBrokenTextOrMailEndsInAClearStateWithin30Seconds(t *testing.T) {
	tool(t, "soffice")
	all := textBombs()
	if soak() {
		for name, b := range all {
			explodeDocument(t, name, b)
		}
		return
	}
	for _, name := range []string{"a mail whose parts lie ten thousand deep", "a mail that is all head", "a mail of a hundred thousand parts"} {
		explodeDocument(t, name, all[name])
	}
}
