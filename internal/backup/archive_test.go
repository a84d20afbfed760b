package backup

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// archive is a small archive with the keys that it was made with.
type archive struct {
	bytes    []byte
	content  *seal.PrivateKey
	audit    *seal.Signer
	identity string
}

func newArchive(t *testing.T) archive {
	t.Helper()
	a := archive{content: seal.GeneratePrivateKey(), audit: seal.GenerateSigner()}
	identity, recipient := seal.GenerateRecipient(false)
	recovery, err := seal.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	a.identity = identity
	var out bytes.Buffer
	w, err := newWriter(&out, Head{Format: format, Part: heed.PartData, Line: "city", At: time.UnixMilli(1).UTC()}, a.content.Public(), recovery)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range someRows() {
		if err := w.row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.flush(), w.add(blobsDir+"0123", 5, strings.NewReader("blob!"))); err != nil {
		t.Fatal(err)
	}
	if err := w.close(a.audit); err != nil {
		t.Fatal(err)
	}
	a.bytes = out.Bytes()
	return a
}

func someRows() []*heed.CopiedRow {
	columns := []string{"a", "b", "c", "d", "e"}
	return []*heed.CopiedRow{
		{Part: heed.PartData, Table: "reports", Columns: columns, Values: []any{int64(1), "naïve \"text\"\n<&>", true, nil, []byte{0, 255}}},
		{Part: heed.PartData, Table: "reports", Columns: columns, Values: []any{int64(-1 << 63), "", false, "null", []byte{}}},
		{Part: heed.PartData, Table: "reports", Columns: columns[:1], Values: []any{int64(1<<63 - 1)}},
		{Part: heed.PartData, Table: "contents", Columns: columns[:1], Values: []any{bytes.Repeat([]byte("x"), chunkSize)}},
		{Part: heed.PartData, Table: "contents", Columns: columns[:1], Values: []any{[]byte("y")}},
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	a := newArchive(t)
	var rows []*heed.CopiedRow
	var names []string
	_, _, _, err := read(bytes.NewReader(a.bytes), seal.ContentOpener(a.content), func(head Head, e *entry) error {
		names = append(names, e.name)
		if !strings.HasPrefix(e.name, tablesDir) {
			return nil
		}
		text, err := e.whole()
		if err != nil {
			return err
		}
		return readChunk(head.Part, text, func(row *heed.CopiedRow) error {
			rows = append(rows, &heed.CopiedRow{Part: row.Part, Table: row.Table, Columns: row.Columns, Values: append([]any(nil), row.Values...)})
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := someRows(); !reflect.DeepEqual(rows, want) {
		t.Errorf("got %+v", rows)
	}
	want := "tables/reports/000001.jsonl tables/reports/000002.jsonl tables/contents/000001.jsonl tables/contents/000002.jsonl blobs/0123"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("entries %s", got)
	}
}

// This reads an archive by docs/crypto.md, with age, tar and Ed25519 alone.
func TestAnArchiveIsWhatTheDocumentSays(t *testing.T) {
	a := newArchive(t)
	identities, err := age.ParseIdentities(strings.NewReader(a.identity))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(bytes.NewReader(a.bytes), identities...)
	if err != nil {
		t.Fatal(err)
	}
	sum, entries := make([]byte, 32), uint64(0)
	for files := tar.NewReader(plain); ; {
		h, err := files.Next()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == "seal.json" {
			var end struct {
				Entries        uint64
				Sum, Signature []byte
			}
			if err := json.Unmarshal(content, &end); err != nil {
				t.Fatal(err)
			}
			signed := append([]byte("heed backup/1\n"), binary.BigEndian.AppendUint64(sum, entries)...)
			if end.Entries != entries || !bytes.Equal(end.Sum, sum) || !ed25519.Verify(a.audit.Verifier().Bytes(), signed, end.Signature) {
				t.Errorf("%d entries, sum %x: the seal says %+v", entries, sum, end)
			}
			return
		}
		hash := sha256.Sum256(content)
		next := append(sum, 0, 0, 0, byte(len(h.Name)))
		next = binary.BigEndian.AppendUint64(append(next, h.Name...), uint64(len(content)))
		chained := sha256.Sum256(append(next, hash[:]...))
		sum, entries = chained[:], entries+1
	}
}

func TestAnArchiveThatWasReorderedShortenedOrSignedByAnotherIsRefused(t *testing.T) {
	a := newArchive(t)
	open, audit := seal.ContentOpener(a.content), a.audit.Verifier()
	if _, err := Check(bytes.NewReader(a.bytes), heed.PartData, open, audit); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		part  heed.Part
		audit *seal.Verifier
	}{"another's signature": {heed.PartData, seal.GenerateSigner().Verifier()}, "the other part": {heed.PartKeys, audit}, "no key to check with": {heed.PartData, nil}} {
		if _, err := Check(bytes.NewReader(a.bytes), c.part, open, c.audit); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Whoever knows the public recovery key can seal anything; what they lack is the signature.
	for what, change := range map[string]func([]member) []member{
		"two exchanged":       func(m []member) []member { m[1], m[2] = m[2], m[1]; return m },
		"one left out":        func(m []member) []member { return append(m[:1], m[2:]...) },
		"one twice":           func(m []member) []member { return append(m[:2], m[1:]...) },
		"another name":        func(m []member) []member { m[1].name = "tables/x/000001.jsonl"; return m },
		"another word":        func(m []member) []member { m[1].content = append(m[1].content, "[]\n"...); return m },
		"without its seal":    func(m []member) []member { return m[:len(m)-1] },
		"something follows":   func(m []member) []member { return append(m, member{"more", nil}) },
		"without a head":      func(m []member) []member { return m[1:] },
		"nothing but nothing": func(m []member) []member { return nil },
	} {
		if _, err := Check(bytes.NewReader(a.again(t, change)), heed.PartData, open, audit); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// member is one file of an archive.
type member struct {
	name    string
	content []byte
}

// again seals the archive's files anew, changed.
func (a archive) again(t *testing.T, change func([]member) []member) []byte {
	t.Helper()
	plain, err := seal.ContentOpener(a.content).Open(bytes.NewReader(a.bytes))
	if err != nil {
		t.Fatal(err)
	}
	var members []member
	for files := tar.NewReader(plain); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{h.Name, content})
	}
	_, recipient := seal.GenerateRecipient(false)
	recovery, err := seal.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	sealed, err := seal.SealBackup(&out, a.content.Public(), recovery)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewWriter(sealed)
	for _, m := range change(members) {
		if err := files.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), sealed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func FuzzReadChunk(f *testing.F) {
	f.Add([]byte(`{"table":"reports","columns":["a","b"]}` + "\n[1,{\"b\":\"AA==\"}]\n[null,true]\n"))
	f.Add([]byte(`{"table":"reports","columns":["a"]}` + "\n[1.5]"))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		err := readChunk(heed.PartData, text, func(row *heed.CopiedRow) error {
			if len(row.Values) != len(row.Columns) {
				t.Errorf("%d values in %d columns", len(row.Values), len(row.Columns))
			}
			for _, v := range row.Values {
				switch v.(type) {
				case nil, int64, bool, string, []byte:
				default:
					t.Errorf("a value is a %T", v)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, heed.ErrInvalid) {
			t.Error(err)
		}
	})
}
