package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/review"
)

func TestATextIsReadAsItWasWritten(t *testing.T) {
	russian, arabic, chinese, french := "Взятка передаётся в четверг на складе номер девять, у реки.", "يُدفع المال يوم الخميس في المستودع قرب النهر، كل شهر.",
		"每个月四号在河边的仓库里交钱，主任也在那里。", "Une enveloppe est remise chaque jeudi à l'entrepôt, côté rivière."
	for _, c := range []struct {
		name, text string
		in         encoding.Encoding
		first      string // the first line, where it says what was guessed
	}{
		{"UTF-8", russian + chinese, encoding.Nop, ""},
		{"UTF-8 with a mark", arabic, unicode.UTF8BOM, ""},
		{"UTF-16", chinese, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), ""},
		{"UTF-16, the other way round", russian, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), ""},
		{"Windows, Russian", russian, charmap.Windows1251, "⟦windows-1251?⟧"},
		{"KOI8", russian, charmap.KOI8R, "⟦koi8-r?⟧"},
		{"Windows, Arabic", arabic, charmap.Windows1256, "⟦windows-1256?⟧"},
		{"GB 18030", chinese, simplifiedchinese.GB18030, "⟦gb18030?⟧"},
		{"GBK with much English", "The warehouse: " + chinese, simplifiedchinese.GBK, "⟦gb18030?⟧"},
		{"Windows, French", french, charmap.Windows1252, "⟦windows-1252?⟧"},
	} {
		written, err := encoding.ReplaceUnsupported(c.in.NewEncoder()).Bytes([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		want := c.text
		if c.first != "" {
			want = c.first + "\n" + want
		}
		if got := media.DecodeText(written); got != want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := media.DecodeText([]byte("cut off: \xd0")); got != "cut off: " {
		t.Errorf("a character that is cut off: %q", got)
	}
}

func TestWhatATextHidesIsSeen(t *testing.T) {
	shown, cut := media.ShownText("pay\u202Egnp.exe\u2066\x07\r\ntab\there\x00\x1b[31m\ufeff")
	if shown != "pay⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+0007⟩\ntab\there⟨U+0000⟩⟨U+001B⟩[31m⟨U+FEFF⟩" || cut {
		t.Errorf("%q, %v", shown, cut)
	}
	for name, text := range map[string]string{
		"empty lines": strings.Repeat("\n", 2<<20), "one line": strings.Repeat("x", 2<<20), "controls": strings.Repeat("\x00", 2<<20),
	} {
		shown, cut := media.ShownText(text)
		if longest := longestLine(shown); !cut || len(shown) > 1<<20+20 || strings.Count(shown, "\n") > 12_000 || longest > 4000*12+1 {
			t.Errorf("%s: %d bytes, %d lines, the longest of %d, cut %v", name, len(shown), strings.Count(shown, "\n"), longest, cut)
		}
	}
}

func longestLine(text string) (n int) {
	for line := range strings.Lines(text) {
		n = max(n, len(line))
	}
	return n
}

// mailed is a mail with everything that programs write beside what is read.
const mailed = "Received: from canary-laptop (canary.example [203.0.113.9]) by mx; Fri, 27 Nov 2026 10:00:00 +0000\r\n" +
	"X-Originating-IP: 203.0.113.9\r\nX-Mailer: canary mailer\r\nMessage-ID: <canary@example>\r\nBcc: canary@example.org\r\n" +
	"From: =?utf-8?B?0JHQvtGB0YE=?= <boss@example.org>\r\nTo: ann@example.org,\r\n bob@example.org\r\nSubject: =?windows-1251?Q?=CF=EB=E0=F2=B8=E6?=\r\n" +
	"Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" +
	"canary before\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nBring the money to pier 9 =\r\non Thursday.\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p>Bring the <b>money</b> to pier 9 on Thursday. <img src='https://canary.example/x.gif'></p>\r\n--b--\r\n" +
	"--a\r\nContent-Type: application/pdf; name=\"invoice.pdf\"\r\nContent-Disposition: attachment; filename=\"invoice.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
	"Y2FuYXJ5\r\n--a--\r\n"

func TestOfAMailIsShownWhatWhoReadsItSees(t *testing.T) {
	text, cut := media.ReadText([]byte(mailed))
	want := "From: Босс <boss@example.org>\nTo: ⟦…⟧\nSubject: Платёж\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n\n" +
		"Bring the money to pier 9 on Thursday.\n\n⟦invoice.pdf · application/pdf⟧\n"
	if text != want || cut {
		t.Errorf("%q, %v", text, cut)
	}
	page := "From: a@example.org\r\nSubject: x\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n" +
		"<html><head><title>canary</title><style>canary{}</style><script>canary()</script></head><body><p>\xcf\xf0\xe8\xe2\xe5\xf2&amp;<br>so <b>long</b></p></body>"
	if text, _ := media.ReadText([]byte(page)); text != "From: a@example.org\nSubject: x\n\nПривет&\nso long\n" {
		t.Errorf("a page: %q", text)
	}
	deep := "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=0\r\n\r\n"
	for i := range 60 {
		deep += strings.ReplaceAll("--N\r\nContent-Type: multipart/mixed; boundary=NN\r\n\r\n", "N", strings.Repeat("0", i+1))
	}
	if _, cut := media.ReadText([]byte(deep)); !cut {
		t.Error("parts in parts are all read")
	}
	for _, note := range []string{"no mail at all", "Subject: the pier\nThey bring the money there.\n\nOn Thursday.", "Date: 4 November\nSubject: money\nPlace: pier 9\n\nSo.", "From here\nto: there"} {
		if text, _ := media.ReadText([]byte(note)); text != note {
			t.Errorf("what is no mail: %q", text)
		}
	}
}

func TestOfNoMailsHeadMoreStays(t *testing.T) {
	signed := "DKIM-Signature: v=1; d=canary.example;\r\n b=canary\r\n" + mailed
	for name, file := range map[string]string{
		"signed": signed, "mbox": "From - Fri Nov 27 10:00:00 2026\n" + mailed, "mbox's own": "From canary@example.org Fri Nov 27 10:00:00 2026\n" + mailed,
		"emlx": fmt.Sprintf("%d\n%s<?xml version=\"1.0\"?><plist>canary</plist>", len(mailed), mailed), "a mark": "\ufeff" + signed, "lines before": "\r\n\n" + signed,
		"no colon": strings.Replace(mailed, "X-Mailer: ", "no colon canary\r\nX-Mailer: ", 1), "UTF-16": wide(t, signed),
		"kind first": "MIME-Version: 1.0\r\nX-Canary: canary\r\n" + mailed, "many to": "To: canary" + strings.Repeat(",\r\n canary@example.org", 300<<10/22) + "\r\n" + mailed,
		"long":          "Subject: canary" + strings.Repeat("canary", 60_000) + "\r\n" + mailed,
		"one long line": "ARC-Seal: " + strings.Repeat("canary", 60_000) + "\r\n" + mailed,
	} {
		text, _ := media.ReadText([]byte(file))
		if strings.Contains(text, "canary") || strings.Contains(text, "203.0.113.9") || strings.Contains(text, "ann@") || !strings.Contains(text, "From: Босс") || !strings.Contains(text, "money to pier 9") {
			t.Errorf("%s: %.600q", name, text)
		}
		if leftOut := strings.Contains(text, "2026 10:00:00 +0000\n⟦…⟧\n"); leftOut != (name == "no colon" || name == "long") {
			t.Errorf("%s: what is left out of its head is said: %v, %.300q", name, leftOut, text)
		}
	}
	more := "From a Fri\n" + mailed + "\nFrom canary@example.org Fri\nReceived: canary\nFrom: b@example.org\nSubject: again\n\nFrom here on it is dear.\n"
	if text, _ := media.ReadText([]byte(more)); strings.Contains(text, "canary") || !strings.HasSuffix(text, "\nFrom: b@example.org\nSubject: again\n\nFrom here on it is dear.\n\n") {
		t.Errorf("two of an mbox: %q", text)
	}
}

func wide(t *testing.T, text string) string {
	s, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAMailSaysWhereItsLinksLedAndNoLinesOfAttachmentsNames(t *testing.T) {
	text, _ := media.ReadText([]byte("From: bank@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
		"--a\r\nContent-Type: application/pdf; name=\"=?utf-8?Q?a=0AFrom:_b.pdf?=\"\r\n\r\nx\r\n" +
		"--a\r\nContent-Type: text/html\r\n\r\n<p><a href='https://evil.example/pay?to=canary#canary'>https://bank.example</a> or <a href=\"https://help.example/a\">help.example</a>, <a href='javascript:canary()'>this</a>.\r\n" +
		"--a\r\nContent-Type: text/plain\r\n\r\nhttps://bank.example or this\r\n--a--\r\n"))
	want := "From: bank@example.org\n\n\n⟦a From: b.pdf · application/pdf⟧\nhttps://bank.example ⟨https://evil.example/pay…⟩ or help.example , this .\n"
	if text != want {
		t.Errorf("%q", text)
	}
}

func TestWhatAMailsPageSaysMoreThanItsTextIsShownBeside(t *testing.T) {
	for _, c := range []struct{ text, page, want string }{
		{"The meeting is on Friday.", "<p>The <b>meeting</b><br>is on Friday</p>", "The meeting is on Friday.\n"},
		{"The meeting is on Friday.", "<p>Pay 400 to account 12 or I tell.</p>", "The meeting is on Friday.\n\n⟦text/html⟧\nPay 400 to account 12 or I tell.\n"},
		{"星期五开会", "<p>星期<br>五开会</p>", "星期五开会\n"},
		{"星期五开会", "<p>不要来</p>", "星期五开会\n\n⟦text/html⟧\n不要来\n"},
	} {
		text, cut := media.ReadText([]byte("From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
			c.text + "\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + c.page + "\r\n--a--\r\n"))
		if text != "From: a@example.org\n\n"+c.want || cut {
			t.Errorf("%q, cut %v", text, cut)
		}
	}
}

func TestAMailOfVeryManyWordsIsReadInTimeAndNotPastItsJob(t *testing.T) {
	// Some hundred thousand runs, each of which is shown somewhere else.
	var shown, more strings.Builder
	for i := range 1 << 17 {
		shown.WriteRune(rune(0x4E00 + i%5000))
		shown.WriteRune(rune(0x4E00 + i/5000 + i%7))
		fmt.Fprintf(&more, "%c%c%c\n", rune(0x4E00+i%5000), rune(0x4E00+i/5000+i%7), rune(0x4E00+(i+1)%5000))
	}
	shown.WriteRune(rune(0x4E00 + (1<<17)%5000))
	part := "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	mail := "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n" + part + shown.String() + "\r\n--a\r\n" + part + more.String() + "\r\n--a--\r\n"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if text, _, err := media.ReadMail(ctx, strings.NewReader(mail)); err != nil || !strings.Contains(text, shown.String()) || strings.Contains(text, "⟦") {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	cancel()
	if _, _, err := media.ReadMail(ctx, strings.NewReader(mail)); !errors.Is(err, context.Canceled) {
		t.Errorf("past its job: %v", err)
	}
}

func FuzzAMailIsReadWithinBounds(f *testing.F) {
	f.Add([]byte(mailed))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, _ := media.ReadText(b)
		if shown, _ := media.ShownText(text); len(shown) > 1<<20+20 || strings.ContainsAny(shown, "\x00\u202e") {
			t.Errorf("%d bytes", len(shown))
		}
	})
}

func TestATextsAndAMailsCopyIsPicturesOfItsPages(t *testing.T) {
	tool(t, "soffice")
	kinds := map[string]struct {
		kind string
		file []byte
	}{
		"text": {"text/plain; charset=utf-8", []byte("Bring the money to pier 9.\n第二行 \u202Ecanary")},
		"mail": {"message/rfc822", []byte(mailed)},
	}
	for name, c := range kinds {
		copied, d, err := media.CopyFile(t.Context(), c.kind, bytes.NewReader(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantPagesAlone(t, copied, d)
		says := d.Pages[0].Text
		if !strings.Contains(says, "money to pier 9") || d.Cut || name != "text" && strings.Contains(says, "canary") || name == "text" && !strings.Contains(says, "U+202E") {
			t.Errorf("%s says %q", name, says)
		}
	}
}

func TestNoTextOrMailIsSeenAsItCame(t *testing.T) {
	l := onOneStore(t)
	for name, b := range map[string][]byte{
		"notes.txt": []byte("Bring the money."), "table.csv": []byte("who,what\nann,9\nbob,7\n"), "letter.eml": []byte(mailed), "mail.msg": mediatest.Outlook(""),
	} {
		staged, err := l.in.Stage(t.Context(), name, bytes.NewReader(b))
		l.must(err)
		a, err := l.in.Submit(t.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the file."}, Files: []intake.StagedFile{staged}})
		l.must(err)
		f := l.file(a.Report)
		if f.CopyCode != review.CopyIsWaiting {
			t.Errorf("%s, %s: %q", name, f.Type, f.CopyCode)
		}
	}
}
