package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
)

// TestASeizedTelephoneOpensNothingAtRest takes all that the process has which answers calls by itself (as of a portal, and its spoken
// prompts, its trunk's secret) while one caller speaks, another hears their Receipt and a third is called back, and grants the thief all
// the rest of the database and the blobs too. What the keys are for that it has in memory alone the drill shows.
func TestASeizedTelephoneOpensNothingAtRest(t *testing.T) {
	s := startSplit(t)
	c := &canaries{words: map[string]string{}}
	s.fill(t, c)
	telephone := s.startTelephone(t)
	former := s.speaks(t, telephone, c.at("a recording that was handed in"))
	former()
	eventually(t, time.Minute, "the recording is a report", func() bool {
		return s.number(t, "SELECT count(*) FROM reports WHERE channel = 'phone'") == 1 && s.number(t, "SELECT (SELECT count(*) FROM calls) + (SELECT count(*) FROM upload_pieces)") == 0
	})
	hangUp := s.speaks(t, telephone, c.at("a recording that goes on"))
	defer hangUp()
	memory := s.awaitsCalls(t, c)
	sealed := append(s.sealedCalls(t), s.allSealed(t)...)

	s.seize(t, seized{telephone, "phone", telephone.data}, c, sealed)
	opened := tryAll(memory, sealed)
	if len(opened) != 2 || opened["Receipt to read"].with == "" || opened["number to dial"].with == "" {
		t.Errorf("with the keys of one call and one call-back in memory %v open", opened)
	}
	keys := keysIn(t, filepath.Join(s.office, "keys"))
	maps.Copy(keys, memory)
	drill(t, keys, sealed)
}

// startTelephone starts a process that answers calls, on a host of its own with a trunk's secret, and waits until it has spoken a prompt.
func (s *splitLine) startTelephone(t *testing.T) *killed {
	t.Helper()
	booth := filepath.Join(filepath.Dir(s.front), "booth")
	s.command("operations", "portal-keys", filepath.Join(booth, "keys"))
	of, err := os.ReadFile(s.testLine.args[len(s.testLine.args)-1])
	if err != nil {
		t.Fatal(err)
	}
	secret, chosen := filepath.Join(booth, "trunk-secret"), filepath.Join(booth, "profile.yaml")
	text := strings.NewReplacer("languages: [] #", "languages: [en] #", `    host: "" # sip.provider`, "    host: 127.0.0.1:9 # ",
		`    user: "" # who the line`, "    user: line # ", `    secret_file: "" #`, "    secret_file: "+secret+" #").Replace(string(of))
	if !strings.Contains(text, secret) {
		t.Fatal("the profile has no trunk's secret")
	}
	if err := errors.Join(os.WriteFile(secret, []byte("a secret of thirty-two characters"), 0o600), os.WriteFile(chosen, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	k := startProcess(t, booth, "--store", s.url("phone"), "--blobs", s.blobs, "--profile", chosen, "--role", "phone", "--sip", "127.0.0.1:0", "--health", "127.0.0.1:0",
		"--keystore", filepath.Join(booth, "keys"), "--audit-key", s.auditKey)
	if status, body := asked(t, k.health+"/metrics"); status != http.StatusOK || !strings.Contains(body, "\nheed_store_up 1\n") {
		t.Errorf("its figures, %d, are\n%s", status, body)
	}
	if logs := k.logs.String(); strings.Contains(logs, "more than this process needs") {
		t.Errorf("its role may do too much:\n%s", logs)
	}
	eventually(t, time.Minute, "prompts are spoken", func() bool {
		spoken, err := filepath.Glob(filepath.Join(booth, spokenFolder, "*"))
		return err == nil && len(spoken) > 10
	})
	return k
}

// speaks calls, chooses to leave a report and says something until a part of it is stored, and on until the caller hangs up.
func (s *splitLine) speaks(t *testing.T, telephone *killed, what string) (hangUp func()) {
	t.Helper()
	call := strings.Map(letter, strings.ToLower(rand.Text())) // a second one by the same names would be a loop until the first is over
	h := callLine(t, telephone.phone, func(door string) string { return strings.Map(letter, door) + call })
	time.Sleep(500 * time.Millisecond)
	h.press("15") // a report; and whatever ends the instructions
	said := bytes.Repeat([]byte(what+strings.Repeat("\x80\x20", 40)), 4)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		quiet := bytes.Repeat([]byte{0xFF}, sound.FrameSamples)
		for n, at := 0, 0; ; n, at = n+1, (at+sound.FrameSamples)%(len(said)-sound.FrameSamples) {
			frame := said[at : at+sound.FrameSamples]
			if n%16 > 10 { // in syllables: a steady sound is no speech
				frame = quiet
			}
			select {
			case <-stop:
				return
			default:
				h.say(frame)
			}
		}
	}()
	eventually(t, time.Minute, "what is said is stored", func() bool { return s.number(t, "SELECT count(*) FROM upload_pieces") > 0 })
	return func() {
		close(stop)
		<-stopped
		h.hangUp()
	}
}

// letter leaves what may stand in an address.
func letter(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

// number is what a query for one answers.
func (s *splitLine) number(t *testing.T, query string) (n int) {
	t.Helper()
	if err := s.everything(t).QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// everything is a connection that may read all.
func (s *splitLine) everything(t *testing.T) *pgx.Conn {
	t.Helper()
	if s.admin == nil {
		s.admin = connectTo(t, s.url(""))
	}
	return s.admin
}

// awaitsCalls has a caller wait to hear a Receipt and another be called back, as a telephone and a call-taker's desk do it and the
// worker deals the number, and answers the private keys of both, which a telephone has in memory alone.
func (s *splitLine) awaitsCalls(t *testing.T, c *canaries) map[string][]byte {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	open := func(role string, o postgres.Options) *postgres.Store {
		store, err := postgres.Open(ctx, s.url(role), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}
	phone, desk := open("phone", postgres.Options{Connections: 1, Phone: true}), open("desk", postgres.Options{Connections: 1})
	do := func(store heed.Store, acts ...func(heed.Tx) error) {
		t.Helper()
		for _, act := range acts {
			if err := store.Update(ctx, act); err != nil {
				t.Fatal(err)
			}
		}
	}
	line, day := s.line(t), now.UTC().Format(time.DateOnly)
	var public []byte
	if err := s.everything(t).QueryRow(ctx, "SELECT transit FROM day_keys WHERE day = $1", day).Scan(&public); err != nil {
		t.Fatal(err)
	}
	transit, err := seal.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	const number, taker = "447700900123987", heed.ID("taker")
	receipt := seal.NewReceipt()
	c.words[number], c.words[string(receipt)] = "a number to call back", "a Receipt to read"

	dials, waits := seal.GeneratePrivateKey(), seal.GeneratePrivateKey()
	wish := &heed.CallBack{ID: heed.NewID(now), Day: day, Language: "en", Since: now, Expires: now.Add(heed.CallBackLife)}
	if wish.Sealed, err = seal.SealCallBack(transit, line, day, wish.ID, number); err != nil {
		t.Fatal(err)
	}
	do(phone, func(tx heed.Tx) error { return tx.AddCallBack(ctx, wish) })
	do(desk, func(tx heed.Tx) error { // at once, or the process that runs dials it
		return errors.Join(tx.ClaimCallBack(ctx, wish.ID, taker, "sip:201@pbx.example", now), tx.DialCallBack(ctx, wish.ID, dials.Public().Bytes(), now))
	})
	eventually(t, time.Minute, "the worker deals the number", func() bool {
		return s.number(t, "SELECT count(*) FROM call_backs WHERE resealed IS NOT NULL") == 1
	})
	call := heed.NewID(now)
	handed, err := seal.SealCallReceipt(waits.Public(), line, call, receipt)
	if err != nil {
		t.Fatal(err)
	}
	do(phone, func(tx heed.Tx) error {
		return tx.JoinQueue(ctx, &heed.QueuedCall{ID: call, Language: "en", Since: now, Seen: now, State: heed.CallWaiting, Key: waits.Public().Bytes()})
	})
	do(desk, func(tx heed.Tx) error { return tx.TakeQueuedCall(ctx, call, taker, "sip:201@pbx.example") },
		func(tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, call, taker, now) },
		func(tx heed.Tx) error { return tx.FinishQueuedCall(ctx, call, taker, handed) })
	return map[string][]byte{"the key of a call": waits.Bytes(), "the key of a call-back": dials.Bytes()}
}

// line is the line's id.
func (s *splitLine) line(t *testing.T) string {
	t.Helper()
	var id []byte
	if err := s.everything(t).QueryRow(t.Context(), "SELECT value FROM settings WHERE name = $1", settingLine).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return string(id)
}

// sealedCalls lists what lies sealed of callers: who speaks, what they have said, who hears a Receipt, who is called back.
func (s *splitLine) sealedCalls(t *testing.T) (all []sealedText) {
	t.Helper()
	ctx, conn := t.Context(), s.everything(t)
	line := s.line(t)
	for _, kind := range []struct {
		query string
		take  func(sealedRow) sealedText
	}{
		{"SELECT id, day, sealed FROM calls", underHPKE("call", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			b, err := seal.OpenCall(k, line, r.Day, r.ID, r.Sealed)
			if err != nil {
				return nil, err
			}
			var keys []byte
			var left struct{ Takes []intake.Upload }
			err = json.Unmarshal(b, &left)
			for _, take := range left.Takes {
				keys = append(keys, take.Key[:]...)
			}
			return keys, err
		})},
		{"SELECT id, day, sealed FROM call_backs", underHPKE("number to call back", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			return seal.ResealCallBack(k, k.Public(), line, r.Day, r.ID, r.Sealed)
		})},
		{"SELECT id, day, resealed FROM call_backs", underHPKE("number to dial", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			number, err := seal.OpenCallBack(k, line, r.ID, r.Sealed)
			return []byte(number), err
		})},
		{"SELECT id, '', sealed FROM queued_calls", underHPKE("Receipt to read", func(k *seal.PrivateKey, r sealedRow) ([]byte, error) {
			receipt, err := seal.OpenCallReceipt(k, line, r.ID, r.Sealed)
			return []byte(receipt), err
		})},
	} {
		found, err := conn.Query(ctx, kind.query)
		if err != nil {
			t.Fatal(err)
		}
		before := len(all)
		var r sealedRow
		if _, err := pgx.ForEachRow(found, []any{&r.ID, &r.Day, &r.Sealed}, func() error {
			all = append(all, kind.take(sealedRow{ID: r.ID, Day: r.Day, Sealed: bytes.Clone(r.Sealed)}))
			return nil
		}); err != nil || len(all) == before {
			t.Fatalf("%s: %d rows, %v", kind.query, len(all)-before, err)
		}
	}
	return append(all, s.sealedPieces(t, line)...)
}

// sealedPieces are the parts of what is being said.
func (s *splitLine) sealedPieces(t *testing.T, line string) (all []sealedText) {
	t.Helper()
	blobs, err := blob.OpenDirectory(s.blobs)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.everything(t).Query(t.Context(), "SELECT upload, start, blob_key FROM upload_pieces")
	if err != nil {
		t.Fatal(err)
	}
	var upload, key string
	var start int64
	_, err = pgx.ForEachRow(found, []any{&upload, &start, &key}, func() error {
		sealed, err := blobs.Open(t.Context(), key)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(sealed)
		all = append(all, underFrames("what is being said", content, seal.UploadPiecePlace(line, upload, start)))
		return errors.Join(err, sealed.Close())
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d parts of a recording, %v", len(all), err)
	}
	return all
}
