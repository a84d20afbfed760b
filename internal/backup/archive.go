package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// Names in an archive. The head comes first and the seal last.
const (
	nameHead    = "head.json"
	nameSeal    = "seal.json"
	nameProfile = "profile.yaml"
	nameRing    = "ring.json"
	tablesDir   = "tables/"
	blobsDir    = "blobs/"
)

// format is what the head calls this form of archive.
const format = "heed/backup/1"

// maxEntry bounds what is read of an entry into memory: a chunk may pass its size by one row.
const maxEntry = 64 << 20

// Head is the beginning of an archive.
type Head struct {
	Format string    `json:"format"`
	Part   heed.Part `json:"part"`
	Line   string    `json:"line"`
	At     time.Time `json:"at"`     // the moment of which it is
	Schema int64     `json:"schema"` // number of the last migration
	Ring   []byte    `json:"ring"`   // fingerprint of the line's long-lived keys
}

// ending is the end of an archive: how many entries came before, the sum over them, and the audit key's signature of both.
type ending struct {
	Entries   uint64 `json:"entries"`
	Sum       []byte `json:"sum"`
	Signature []byte `json:"signature"`
}

// sum is a hash over the entries so far, in their order: SHA-256(sum before ‖ str(name) ‖ u64 size ‖ SHA-256(content)).
type sum struct {
	value   [sha256.Size]byte
	entries uint64
}

func (s *sum) add(name string, size int64, content []byte) {
	b := append([]byte(nil), s.value[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(name)))
	b = append(b, name...)
	b = binary.BigEndian.AppendUint64(b, uint64(size))
	s.value = sha256.Sum256(append(b, content...))
	s.entries++
}

// signed is what the audit key signs.
func (s *sum) signed() []byte {
	return binary.BigEndian.AppendUint64(append([]byte(nil), s.value[:]...), s.entries)
}

// writer writes one archive.
type writer struct {
	sealed io.WriteCloser
	tar    *tar.Writer
	at     time.Time
	sum    sum
	rows   chunk
	chunks int
}

func newWriter(w io.Writer, head Head, content *seal.PublicKey, recovery seal.Recipient) (*writer, error) {
	sealed, err := seal.SealBackup(w, content, recovery)
	if err != nil {
		return nil, err
	}
	a := &writer{sealed: sealed, tar: tar.NewWriter(sealed), at: head.At}
	return a, a.addJSON(nameHead, head)
}

func (a *writer) addJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return a.add(name, int64(len(text)+1), bytes.NewReader(append(text, '\n')))
}

// add writes an entry of exactly size bytes.
func (a *writer) add(name string, size int64, content io.Reader) error {
	err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.at})
	hash := sha256.New()
	if err == nil {
		_, err = io.CopyN(io.MultiWriter(a.tar, hash), content, size)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	a.sum.add(name, size, hash.Sum(nil))
	return nil
}

// row writes a row, in chunks of about a mebibyte.
func (a *writer) row(row *heed.CopiedRow) error {
	if !a.rows.takes(row) {
		if err := a.flush(); err != nil {
			return err
		}
		if a.rows.table != row.Table {
			a.chunks = 0
		}
		if err := a.rows.begin(row); err != nil {
			return err
		}
	}
	return a.rows.add(row)
}

func (a *writer) flush() error {
	if a.rows.text.Len() == 0 {
		return nil
	}
	a.chunks++
	name := fmt.Sprintf("%s%s/%06d.jsonl", tablesDir, a.rows.table, a.chunks)
	err := a.add(name, int64(a.rows.text.Len()), bytes.NewReader(a.rows.text.Bytes()))
	a.rows.text.Reset()
	return err
}

// close signs what was written and ends the archive. It doesn't close what it was written to.
func (a *writer) close(audit *seal.Signer) error {
	if err := a.flush(); err != nil {
		return err
	}
	end := ending{Entries: a.sum.entries, Sum: a.sum.value[:], Signature: seal.SignBackup(audit, a.sum.signed())}
	if err := a.addJSON(nameSeal, end); err != nil {
		return err
	}
	if err := errors.Join(a.tar.Close(), a.sealed.Close()); err != nil {
		return fmt.Errorf("end an archive: %w", err)
	}
	return nil
}

// entry is one entry while it is read.
type entry struct {
	name string
	size int64
	io.Reader
}

// whole reads an entry that must fit into memory.
func (e *entry) whole() ([]byte, error) {
	if e.size > maxEntry {
		return nil, fmt.Errorf("%s of %d bytes: %w", e.name, e.size, heed.ErrInvalid)
	}
	return io.ReadAll(e)
}

// read opens an archive and shows visit each entry but the first and the last. Whatever visit did is only to be believed when read
// returns nil and the signature that it gives back is the audit key's.
//
// ErrSealed: it can't be opened, is damaged or cut off. ErrInvalid: it is no archive of this form, or not whole.
func read(r io.Reader, open seal.BackupOpener, visit func(Head, *entry) error) (Head, *sum, []byte, error) {
	var head Head
	plain, err := open.Open(r)
	if err != nil {
		return head, nil, nil, err
	}
	archive, total := tar.NewReader(plain), &sum{}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return head, nil, nil, fmt.Errorf("the archive ends before its seal: %w", heed.ErrInvalid)
		}
		if err != nil {
			return head, nil, nil, damaged(err)
		}
		if h.Name == nameSeal {
			signature, err := readEnding(&entry{h.Name, h.Size, archive}, total)
			if err == nil {
				err = nothingFollows(archive, plain)
			}
			return head, total, signature, err
		}
		hash := sha256.New()
		e := &entry{h.Name, h.Size, io.TeeReader(archive, hash)}
		if total.entries == 0 {
			err = readHead(e, &head)
		} else {
			err = visit(head, e)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, e) // what visit left
		}
		if err != nil {
			return head, nil, nil, damaged(err)
		}
		total.add(h.Name, h.Size, hash.Sum(nil))
	}
}

// damaged names tar's faults as the domain does.
func damaged(err error) error {
	if errors.Is(err, tar.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read an archive: %w: %w", heed.ErrInvalid, err)
	}
	return err
}

func readHead(e *entry, head *Head) error {
	text, err := e.whole()
	if err != nil {
		return err
	}
	if e.name != nameHead || json.Unmarshal(text, head) != nil || head.Format != format {
		return fmt.Errorf("this is no backup that this program can read: %w", heed.ErrInvalid)
	}
	return nil
}

// readEnding compares what came with what was signed, and gives the signature.
func readEnding(e *entry, total *sum) ([]byte, error) {
	text, err := e.whole()
	if err != nil {
		return nil, damaged(err)
	}
	var end ending
	if json.Unmarshal(text, &end) != nil || end.Entries != total.entries || !bytes.Equal(end.Sum, total.value[:]) {
		return nil, fmt.Errorf("the archive's entries are not those that were sealed: %w", heed.ErrInvalid)
	}
	return end.Signature, nil
}

// nothingFollows reads to the end, where age says whether something was cut off.
func nothingFollows(archive *tar.Reader, plain io.Reader) error {
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the archive's seal: %w", errors.Join(heed.ErrInvalid, err))
	}
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return err
	}
	return nil
}
