package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// sealedText is one sealed field of the whole database or blob store, whose bytes a thief is granted, and how each sort of key
// would open it.
type sealedText struct {
	what    string
	byKey   func(seal.Key) ([]byte, error)
	byHPKE  func(*seal.PrivateKey) ([]byte, error)
	content []byte
}

// allSealed lists every sealed field of the database, as its administrator reads it, and every blob.
func allSealed(t *testing.T, db *sql.DB, blobs string) []sealedText {
	t.Helper()
	var name []byte
	if err := db.QueryRow("SELECT value FROM settings WHERE name = '" + settingLine + "'").Scan(&name); err != nil {
		t.Fatal(err)
	}
	line := string(name)
	var all []sealedText
	each := func(query string, take func(sealedRow) sealedText) {
		t.Helper()
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		before := len(all)
		for rows.Next() {
			var row sealedRow
			if err := rows.Scan(&row.Report, &row.ID, &row.Day, &row.Sealed); err != nil {
				t.Fatal(err)
			}
			all = append(all, take(row))
		}
		if err := rows.Err(); err != nil || len(all) == before {
			t.Fatalf("%s: %d rows, %v", query, len(all)-before, err)
		}
	}
	each("SELECT r.id, '', '', c.content FROM contents c JOIN reports r ON r.num = c.report", underKey("content", func(r sealedRow) seal.Binding { return seal.ContentPlace(line, r.Report) }))
	each("SELECT report, '', '', sealed FROM screenings", underKey("screening", func(r sealedRow) seal.Binding { return seal.ScreeningPlace(line, r.Report) }))
	each("SELECT report, '', '', sealed_mailbox_key FROM receipts", underKey("mailbox key", func(r sealedRow) seal.Binding { return seal.ReceiptPlace(line, r.Report) }))
	each("SELECT report, id, '', sealed FROM messages", underKey("message", func(r sealedRow) seal.Binding { return seal.MessagePlace(line, r.Report, r.ID) }))
	each("SELECT report, id, '', sealed_name FROM attachments", underKey("file name", func(r sealedRow) seal.Binding { return seal.FileNamePlace(line, r.Report, r.ID) }))
	each("SELECT report, '', '', wrapped FROM report_keys", underHPKE("report keys", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
		keys, err := seal.UnwrapReportKeys(k, line, r.Report, r.Sealed)
		return append(keys.Data[:], keys.Mailbox[:]...), err
	}))
	each("SELECT report, '', day, sealed FROM identities", underHPKE("identity", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
		who, err := seal.OpenIdentity(k, line, r.Report, r.Day, r.Sealed)
		return []byte(who.Name), err
	}))
	for column, holder := range map[string]seal.FileKeyHolder{"transit_key": seal.ByTransit, "day_key": seal.ByIdentity} {
		each("SELECT report, id || ' ' || blob_key, day, "+column+" FROM attachments", underHPKE("file key by "+column, func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			id, blob, _ := strings.Cut(string(r.ID), " ")
			key, err := seal.UnwrapFileKey(k, line, &heed.Attachment{ID: heed.ID(id), Report: r.Report, Blob: blob, Day: r.Day}, holder, r.Sealed)
			return key[:], err
		}))
	}
	return append(all, allBlobs(t, blobs, line)...)
}

// sealedRow is one sealed field with what it is bound to; ID is a message's or an attachment's, with its blob behind it where both count.
type sealedRow struct {
	Report, ID heed.ID
	Day        string
	Sealed     []byte
}

func underKey(what string, place func(sealedRow) seal.Binding) func(sealedRow) sealedText {
	return func(r sealedRow) sealedText {
		return sealedText{what: what, content: r.Sealed, byKey: func(k seal.Key) ([]byte, error) { return k.Open(place(r), r.Sealed) }}
	}
}

func underHPKE(what string, open func(*seal.PrivateKey, sealedRow) ([]byte, error)) func(sealedRow) sealedText {
	return func(r sealedRow) sealedText {
		return sealedText{what: what, content: r.Sealed, byHPKE: func(k *seal.PrivateKey) ([]byte, error) { return open(k, r) }}
	}
}

func allBlobs(t *testing.T, folder, line string) []sealedText {
	t.Helper()
	var all []sealedText
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || len(content) < 100 {
			return err
		}
		all = append(all, underFrames("file", content, seal.FilePlace(line)))
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d blobs, %v", len(all), err)
	}
	return all
}

// underFrames is what was sealed in frames.
func underFrames(what string, content []byte, place seal.Binding) sealedText {
	return sealedText{what: what, content: content, byKey: func(k seal.Key) ([]byte, error) {
		r, err := seal.NewFrameReader(bytes.NewReader(content), k, place)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}}
}

// found is what was opened, and with what.
type found struct {
	with string
	text []byte
}

// tryAll tries everything held, and each 32 bytes of it, as a key of each sort on each sealed text, and answers what opened.
func tryAll(held map[string][]byte, sealed []sealedText) map[string]found {
	opened := map[string]found{}
	tryEach(held, sealed, func(i int, by found) { opened[sealed[i].what] = by })
	return opened
}

// tryEach is tryAll text by text; each 32 bytes are tried once, wherever they lie.
func tryEach(held map[string][]byte, sealed []sealedText, opened func(i int, by found)) {
	tried := map[seal.Key]bool{}
	for name, secret := range held {
		for at := 0; at+32 <= len(secret) && at < 4096; at += 32 {
			symmetric, err := seal.ParseKey(secret[at : at+32])
			if err != nil || tried[symmetric] {
				continue
			}
			tried[symmetric] = true
			private, err := seal.ParsePrivateKey(secret[at : at+32])
			if err != nil {
				continue
			}
			for i, text := range sealed {
				if by, ok := text.open(symmetric, private); ok {
					opened(i, found{fmt.Sprintf("%s, from byte %d", name, at), by})
				}
			}
		}
	}
}

// open tries the openers that the text could be opened by, and that of a form's token, which nothing stored is.
func (s sealedText) open(symmetric seal.Key, private *seal.PrivateKey) ([]byte, bool) {
	if s.byKey != nil {
		if text, err := s.byKey(symmetric); err == nil {
			return text, true
		}
	}
	if s.byHPKE != nil {
		if text, err := s.byHPKE(private); err == nil {
			return text, true
		}
	}
	var into any
	return nil, seal.NewDraftKey(symmetric).Open("report", string(s.content), time.Now(), &into) == nil
}
