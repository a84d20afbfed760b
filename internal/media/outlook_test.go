package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
)

const outlook = "application/vnd.ms-outlook"

// readsOutlook skips a test where Perl can't read such mails; with CI set that is a failure.
func readsOutlook(t testing.TB) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), tool(t, "perl"), "-MEmail::Outlook::Message", "-e", "1").Run(); err != nil && os.Getenv("CI") == "" {
		t.Skipf("libemail-outlook-message-perl is not installed: %v", err)
	}
}

// stores writes a compound file ([MS-CFB]) whose streams are its arguments, as [MS-OXMSG] names a mail's: name, content and so on; those
// behind "attached" are an attachment's.
const stores = `use OLE::Storage_Lite; use Encode;
my (@mail, @attached); my $to = \@mail;
while (@ARGV) {
	my $name = shift; if ($name eq 'attached') { $to = \@attached; next }
	my $said = shift; $said = encode('UTF-16LE', decode('UTF-8', $said)) if $name =~ /001F$/;
	push @$to, OLE::Storage_Lite::PPS::File->new(OLE::Storage_Lite::Asc2Ucs("__substg1.0_$name"), $said);
}
push @mail, OLE::Storage_Lite::PPS::Dir->new(OLE::Storage_Lite::Asc2Ucs('__attach_version1.0_#00000000'), undef, undef, \@attached) if @attached;
OLE::Storage_Lite::PPS::Root->new(undef, undef, \@mail)->save('-') or die;`

// ofOutlook is a mail as Outlook stores one, written by OLE::Storage_Lite.
func ofOutlook(t testing.TB, streams ...string) []byte {
	t.Helper()
	b, err := exec.CommandContext(t.Context(), tool(t, "perl"), append([]string{"-e", stores}, streams...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	root := 512 * (1 + int(binary.LittleEndian.Uint32(b[48:]))) // [MS-CFB], 2.2: the first sector of the directory, whose first entry is the root's
	copy(b[root+80:], "\x0b\x0d\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46")
	return b
}

// fromAnn is one that says more of who it went to, and by which way, than anybody is to see.
func fromAnn(t testing.TB, body string) []byte {
	t.Helper()
	return ofOutlook(t, "0037001F", "The harbour", "0C1A001F", "Ann Bell", "0C1F001F", "ann@example.org", "0E04001F", "canary-to@example.org", "0E03001F", "canary-cc@example.org",
		"007D001F", "Received: from canary.example ([192.0.2.7])\r\nX-Mailer: canary\r\nMessage-ID: <canary@example.org>\r\nDate: Fri, 06 Mar 2026 10:00:00 +0000\r\n\r\n",
		"1000001F", body, "1035001F", "<canary@example.org>",
		"attached", "3707001F", "list.xlsx", "37010102", "canary in the list")
}

func TestAMailOfOutlooksIsSeenAsAnyMailIs(t *testing.T) {
	readsOutlook(t)
	tool(t, "soffice")
	file := fromAnn(t, "Bring the money to pier 9.\r\nПричал номер девять.")
	if !bytes.Contains(file, []byte("c\x00a\x00n\x00a\x00r\x00y")) {
		t.Fatal("the original says nothing that its copy mustn't")
	}
	copied, d, err := media.CopyFile(t.Context(), outlook, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	wantPagesAlone(t, copied, d)
	says := d.Pages[0].Text
	for _, want := range []string{"Ann Bell", "ann@example.org", "Subject: The harbour", "6 Mar 2026", "money to pier 9", "Причал номер девять", "list.xlsx"} {
		if !strings.Contains(says, want) {
			t.Errorf("it doesn't say %q: %q", want, says)
		}
	}
	if strings.Contains(says, "canary") || strings.Contains(says, "192.0.2.7") || d.Cut {
		t.Errorf("it says %q", says)
	}
}

func TestAMailOfOutlooksWithoutADateGetsNone(t *testing.T) {
	readsOutlook(t)
	text, _, err := media.ReadOutlook(t.Context(), ofOutlook(t, "0037001F", "Tonight", "1000001F", "At nine."))
	if err != nil || strings.Contains(text, "Date:") || !strings.Contains(text, "At nine.") {
		t.Fatalf("%v: %q", err, text)
	}
}

func TestAMailOfOutlooksOfWhichNobodyMadeACopyYetGetsOneOnBothStores(t *testing.T) {
	mail := fromAnn(t, "Bring the money to pier 9.")
	onBothStores(t, func(l *line, custodian bool) {
		if !custodian {
			return // it has no part in this
		}
		for _, code := range []string{"none", "unscanned", heed.CopyUnreadable} {
			report, f := l.sent("Somebody wrote to me.", "a.msg", mail)
			l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
				return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: f.ID, Report: report, State: heed.CopyFailed, Code: code})
			}))
			l.must(l.media.Find(t.Context()))
			if got, again := l.file(report), code != heed.CopyUnreadable; (got.CopyCode != code) != again {
				t.Errorf("failed as %q, it is %q", code, got.CopyCode)
			}
		}
	})
}

func TestAMailOfOutlooksWaitsForThePerlThatCanReadIt(t *testing.T) {
	readsOutlook(t)
	tool(t, "soffice")
	if err := media.OutlookAble(t.Context()); err != nil {
		t.Errorf("as Debian has it: %v", err)
	}
	lame := t.TempDir() // as without its module: it says nothing, and fails
	if err := os.Symlink(tool(t, "dash"), filepath.Join(lame, "perl")); err != nil {
		t.Fatal(err)
	}
	mail, path := fromAnn(t, "Bring the money to pier 9."), os.Getenv("PATH")
	l := onOneStore(t)
	report, _ := l.sent("Somebody wrote to me.", "a.msg", mail)
	t.Setenv("PATH", lame+":"+path)
	l.must(l.media.Find(t.Context()))
	if f := l.file(report); f.CopyCode != heed.CopyNoTool {
		t.Errorf("without its module: %q", f.CopyCode)
	}
	t.Setenv("PATH", path)
	l.must(l.media.Find(t.Context()))
	if f := l.file(report); f.CopyCode != review.CopyIsWaiting {
		t.Errorf("with it: %q", f.CopyCode)
	}
}

// ofOxmsg is a mail as @tutao/oxmsg writes one: so many megabytes of words, and so many attached that no program makes smaller.
func ofOxmsg(t testing.TB, words, attached int) []byte {
	t.Helper()
	folder := filepath.Join("..", "..", "test", "browser")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@tutao", "oxmsg")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("oxmsg is not installed (scripts/install-test-deps): %v", err)
	}
	path := filepath.Join(t.TempDir(), "a.msg")
	c := exec.CommandContext(t.Context(), tool(t, "node"), "outlook.cjs", path, strconv.Itoa(words), strconv.Itoa(attached))
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAMailOfOutlooksIsReadHoweverMuchIsAttachedToItAndIsCutWhereItsWordsAreMany(t *testing.T) {
	readsOutlook(t)
	text, cut, err := media.ReadOutlook(t.Context(), ofOxmsg(t, 0, 100))
	if err != nil || cut {
		t.Fatalf("%v, cut: %v", err, cut)
	}
	for _, want := range []string{"From: Ann Bell <ann@example.org>", "Subject: The harbour", "6 Mar 2026", "\nBring the money to pier 9.", "⟦plans.zip · application/zip⟧"} {
		if !strings.Contains(text, want) {
			t.Errorf("it doesn't say %q: %q", want, text)
		}
	}
	if strings.Contains(text, "canary") || len(text) > 1000 {
		t.Errorf("it says %q", text)
	}
	text, cut, err = media.ReadOutlook(t.Context(), ofOxmsg(t, 20, 1))
	if err != nil || !cut || !strings.Contains(text, "\nBring the money to pier 9.") {
		t.Fatalf("%v, cut: %v, %d bytes", err, cut, len(text))
	}
	huge := append(fromAnn(t, "Bring the money to pier 9."), make([]byte, 257<<20)...)
	if _, _, err := media.ReadOutlook(t.Context(), huge); !errors.Is(err, sandbox.ErrTooMuch) {
		t.Errorf("of 257 MB: %v", err)
	}
}

// outlookBombs are such files made to take long, or to be none.
func outlookBombs(t testing.TB) map[string][]byte {
	whole := fromAnn(t, strings.Repeat("Bring the money to pier 9. ", 100))
	endless := bytes.Clone(whole) // each sector is followed by itself
	table := 512 * (1 + int(binary.LittleEndian.Uint32(endless[76:])))
	for i := range 128 {
		binary.LittleEndian.PutUint32(endless[table+4*i:], uint32(i))
	}
	nested := bytes.Clone(whole) // the directory's first child is the root
	root := 512 * (1 + int(binary.LittleEndian.Uint32(nested[48:])))
	binary.LittleEndian.PutUint32(nested[root+128+76:], 0)
	vast := bytes.Clone(whole) // it says it has four thousand million sectors of tables
	binary.LittleEndian.PutUint32(vast[44:], 0xFFFFFFF0)
	binary.LittleEndian.PutUint32(vast[72:], 0xFFFFFFF0)
	return map[string][]byte{
		"one whose sectors follow themselves": endless, "one that holds itself": nested, "one of more tables than there are bytes": vast,
		"one that is cut off": whole[:len(whole)/2], "a head without anything": mediatest.Outlook(""), "a head before a text": mediatest.Outlook(strings.Repeat("canary ", 10_000)),
		"one in which nothing is": ofOutlook(t, "66000003", "x"), "zeros": make([]byte, 1<<20), "a picture": drawing(t),
		"sixty megabytes of one sector": append(bytes.Clone(whole), bytes.Repeat(whole[:512], 120_000)...),
	}
}

func TestABombOrBrokenMailOfOutlooksEndsInAClearStateWithin30Seconds(t *testing.T) {
	readsOutlook(t)
	tool(t, "soffice")
	for name, b := range outlookBombs(t) {
		if !soak() && name != "one whose sectors follow themselves" && name != "one that is cut off" && name != "a head without anything" {
			continue
		}
		explodeDocument(t, name, bomb{outlook, b, true})
	}
	all := outlookBombs(t)
	for _, name := range []string{"a head without anything", "a head before a text", "one in which nothing is", "zeros"} {
		if _, _, err := media.ReadOutlook(t.Context(), all[name]); !errors.Is(err, sandbox.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
