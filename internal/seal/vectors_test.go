package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

// hexBytes stand in the vectors in hexadecimal.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// vectors reads testdata/name. HEED_WRITE_VECTORS=1 writes it from make first: only for a format that has none yet, since
// what was sealed once must open for ever.
func vectors[T any](t *testing.T, name string, make func() []T) []T {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("HEED_WRITE_VECTORS") == "1" {
		if _, err := os.Stat(path); err == nil {
			t.Logf("%s is there and stays", path)
		} else {
			b, err := json.MarshalIndent(make(), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vs []T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&vs); err != nil || len(vs) == 0 {
		t.Fatalf("%s: %d vectors, %v", path, len(vs), err)
	}
	return vs
}

// same fails unless what the code makes today is what stands in the file, for formats without hidden randomness.
func same[T any](t *testing.T, name string, make func() []T) {
	t.Helper()
	if got, want := make(), vectors(t, name, make); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the format has changed:\n got %+v\nwant %+v", name, got, want)
	}
}

func vectorPlaces() []Binding {
	return []Binding{
		ContentPlace("city", "0123456789abcdefghjkmnpqrs"), MessagePlace("city", "0123456789abcdefghjkmnpqrs", "m"), FilePlace("city"), {},
	}
}

func TestVectorsOfBindings(t *testing.T) {
	type vector struct {
		Label   string   `json:"label"`
		Binding Binding  `json:"binding"`
		Encoded hexBytes `json:"encoded"`
	}
	same(t, "binding.json", func() (vs []vector) {
		for _, l := range []string{labelSealed, labelHPKE, labelFrames} {
			for _, b := range vectorPlaces() {
				vs = append(vs, vector{l, b, b.encode(l)})
			}
		}
		return vs
	})
}

func TestVectorsOfSealedTexts(t *testing.T) {
	type vector struct {
		Key     hexBytes `json:"key"`
		Binding Binding  `json:"binding"`
		Nonce   hexBytes `json:"nonce"`
		Plain   hexBytes `json:"plaintext"`
		Sealed  hexBytes `json:"sealed"`
	}
	same(t, "sealed.json", func() (vs []vector) {
		for i, text := range []string{"", "It happened at the pier.", "它发生在码头。"} {
			k := newKey(fixed(byte(i)))
			b := vectorPlaces()[i]
			sealed := k.seal(fixed(byte(100+i)), b, []byte(text))
			vs = append(vs, vector{k[:], b, sealed[1 : 1+nonceSize], hexBytes(text), sealed})
		}
		return vs
	})
	for _, v := range vectors[vector](t, "sealed.json", nil) {
		if plain, err := Key(v.Key).Open(v.Binding, v.Sealed); err != nil || !bytes.Equal(plain, v.Plain) {
			t.Error(err)
		}
	}
}

func TestVectorsOfReceipts(t *testing.T) {
	type vector struct {
		Pepper  hexBytes `json:"pepper"`
		Salt    hexBytes `json:"line_salt"`
		Receipt Receipt  `json:"receipt"`
		Argon   hexBytes `json:"argon2id_salt"`
		Lookup  hexBytes `json:"lookup"`
		Key     hexBytes `json:"key"`
	}
	same(t, "receipt.json", func() (vs []vector) {
		for i := range byte(2) {
			pepper, salt := newKey(fixed(i)), newKey(fixed(10+i))
			d := NewDeriver(pepper[:], salt[:16], 1, 0)
			r := newReceipt(fixed(20 + i))
			k := derive(t, d, r)
			vs = append(vs, vector{pepper[:], salt[:16], r, d.salt, k.Lookup, k.Key[:]})
		}
		return vs
	})
}

func TestVectorsOfDrafts(t *testing.T) {
	type vector struct {
		Key     hexBytes  `json:"key"`
		Kind    string    `json:"kind"`
		State   string    `json:"state"`
		Now     time.Time `json:"now"`
		Seconds int       `json:"life_seconds"`
		Token   string    `json:"token"`
	}
	same(t, "draft.json", func() (vs []vector) {
		for i, state := range []string{"", "It happened at the pier.", strings.Repeat("a", 1100)} {
			k := newKey(fixed(byte(i)))
			token, err := NewDraftKey(k).seal(fixed(byte(100+i)), "report", state, someTime, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			vs = append(vs, vector{k[:], "report", state, someTime, 3600, token})
		}
		return vs
	})
	for _, v := range vectors[vector](t, "draft.json", nil) {
		var state string
		if err := NewDraftKey(Key(v.Key)).Open(v.Kind, v.Token, v.Now, &state); err != nil || state != v.State {
			t.Error(err)
		}
	}
}

func TestVectorsOfTickets(t *testing.T) {
	type vector struct {
		Key     hexBytes  `json:"draft_key"`
		Purpose byte      `json:"purpose"`
		Work    int       `json:"work_bits"`
		Wait    int       `json:"wait_seconds"`
		Issued  time.Time `json:"issued"`
		ID      hexBytes  `json:"id"`
		Ticket  string    `json:"ticket"`
		Pass    string    `json:"pass"` // with the smallest solution
	}
	same(t, "ticket.json", func() (vs []vector) {
		for i, work := range []int{0, 12, 16} {
			k := newKey(fixed(byte(i)))
			v := Ticket{Purpose: byte(1 + i), Work: work, Wait: time.Duration(10+i) * time.Second, Issued: someTime.Add(time.Duration(i) * time.Hour)}
			ticket := NewTicketKey(NewDraftKey(k)).sign(fixed(byte(100+i)), v)
			pass, err := Solve(ticket, work)
			if err != nil {
				t.Fatal(err)
			}
			read, _, err := NewTicketKey(NewDraftKey(k)).Read(pass)
			if err != nil {
				t.Fatal(err)
			}
			vs = append(vs, vector{k[:], v.Purpose, work, 10 + i, v.Issued, read.ID[:], ticket, pass})
		}
		return vs
	})
	for _, v := range vectors[vector](t, "ticket.json", nil) {
		got, solved, err := NewTicketKey(NewDraftKey(Key(v.Key))).Read(v.Pass)
		if err != nil || !solved || got.Purpose != v.Purpose || got.Work != v.Work || !got.Issued.Equal(v.Issued) || !bytes.Equal(got.ID[:], v.ID) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestVectorsOfFrames(t *testing.T) {
	type vector struct {
		Key     hexBytes   `json:"key"`
		Binding Binding    `json:"binding"`
		Length  int        `json:"plaintext_length"` // of zero bytes
		Stream  hexBytes   `json:"stream"`
		Nonces  []hexBytes `json:"nonces"`           // of its frames
		Sealed  hexBytes   `json:"sealed,omitempty"` // whole, where short
		Size    int        `json:"sealed_length"`
		Sum     hexBytes   `json:"sealed_sha256"`
	}
	same(t, "frames.json", func() (vs []vector) {
		for i, n := range []int{0, 5, frameSize, 2*frameSize + 1} {
			var out bytes.Buffer
			k := newKey(fixed(byte(i)))
			w, err := newFrameWriter(fixed(byte(100+i)), &out, formatFrames, k, FilePlace("city"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(make([]byte, n)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(out.Bytes())
			v := vector{Key: k[:], Binding: FilePlace("city"), Length: n, Stream: out.Bytes()[1:framesHeader], Size: out.Len(), Sum: sum[:]}
			for frame := range slices.Chunk(out.Bytes()[framesHeader:], sealedFrame) {
				v.Nonces = append(v.Nonces, frame[:nonceSize])
			}
			if n < 100 {
				v.Sealed = out.Bytes()
			}
			vs = append(vs, v)
		}
		return vs
	})
	for _, v := range vectors[vector](t, "frames.json", nil) {
		if v.Sealed == nil {
			continue
		}
		if plain, err := unframed(Key(v.Key), v.Binding, v.Sealed); err != nil || !bytes.Equal(plain, make([]byte, v.Length)) {
			t.Error(err)
		}
	}
}

func TestVectorsOfCustodiansKeys(t *testing.T) {
	type vector struct {
		Passphrase string   `json:"passphrase"`
		Seed       hexBytes `json:"seed"`
		Public     hexBytes `json:"public"`
		Sealed     hexBytes `json:"sealed"`
	}
	same(t, "custodian.json", func() []vector {
		seed := newKey(fixed(1))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{"Zürich déjà-vu", seed[:], k.Public().Bytes(), sealCustodianKey(fixed(2), realPassphraseCost(), k, "Zürich déjà-vu")}}
	})
	for _, v := range vectors[vector](t, "custodian.json", nil) {
		if k, err := openCustodianKey(realPassphraseCost(), v.Public, v.Sealed, v.Passphrase); err != nil || !bytes.Equal(k.Bytes(), v.Seed) {
			t.Error(err)
		}
	}
}

func TestVectorsOfSignatures(t *testing.T) {
	type vector struct {
		Seed      hexBytes `json:"seed"`
		Public    hexBytes `json:"public"`
		Context   string   `json:"context"`
		Message   hexBytes `json:"message"`
		Signature hexBytes `json:"signature"`
	}
	same(t, "signature.json", func() (vs []vector) {
		s := generateSigner(fixed(1))
		statement := dayKeyStatement("city", &heed.DayKeyRecord{Day: someDay, Identity: []byte("identity"), Transit: []byte("transit")})
		add := func(context string, message []byte) {
			vs = append(vs, vector{s.Seed(), s.Verifier().Bytes(), context, message, s.Sign(context, message)})
		}
		add(contextDayKey, statement)
		add("package/1", []byte("manifest"))
		return vs
	})
}

func TestVectorsOfMatching(t *testing.T) {
	type vector struct {
		Key    hexBytes `json:"key"`
		Text   string   `json:"text"`
		Token  hexBytes `json:"token"`
		Hash64 uint64   `json:"hash64"`
	}
	same(t, "matching.json", func() (vs []vector) {
		k := newKey(fixed(1))
		m := NewMatchingKey(k)
		for _, text := range []string{"", "harbour", "码头"} {
			vs = append(vs, vector{k[:], text, m.Token(text), m.Hash64([]byte(text))})
		}
		return vs
	})
}

func TestVectorsOfPassphrases(t *testing.T) {
	type vector struct{ Passphrase, Encoded string }
	same(t, "passphrase.json", func() []vector {
		return []vector{{"Crème brûlée 7", hashPassphrase(fixed(1), realPassphraseCost(), "Crème brûlée 7")}}
	})
}

// HPKE draws its own randomness, so these vectors are opened, not made again.
func TestVectorsOfWrappedKeys(t *testing.T) {
	type vector struct {
		What    string   `json:"what"`
		Seed    hexBytes `json:"seed"`
		Public  hexBytes `json:"public"`
		Binding Binding  `json:"binding"`
		Plain   hexBytes `json:"plaintext"`
		Wrapped hexBytes `json:"wrapped"`
	}
	const report = "0123456789abcdefghjkmnpqrs"
	make := func() (vs []vector) {
		seed, other := newKey(fixed(1)), newKey(fixed(2))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		day, err := ParsePrivateKey(other[:])
		if err != nil {
			t.Fatal(err)
		}
		add := func(what string, b Binding, plain, wrapped []byte, err error) {
			if err != nil {
				t.Fatal(err)
			}
			vs = append(vs, vector{what, seed[:], k.Public().Bytes(), b, plain, wrapped})
		}
		keys := ReportKeys{newKey(fixed(3)), newKey(fixed(4))}
		wrapped, err := keys.Wrap(k.Public(), "city", report)
		add("report keys", reportKeysBinding("city", report), append(bytes.Clone(keys.Data[:]), keys.Mailbox[:]...), wrapped, err)
		wrapped, err = WrapDaySeed(k.Public(), "city", someDay, "custodian", day)
		add("day seed", daySeedPlace("city", someDay, "custodian"), other[:], wrapped, err)
		wrapped, err = SealIdentity(k.Public(), "city", report, someDay, heed.Identity{Name: "Ada", Phone: "+44 7700 900123"})
		plain, openErr := k.Unwrap(identityPlace("city", report, someDay), wrapped)
		if openErr != nil {
			t.Fatal(openErr)
		}
		add("identity", identityPlace("city", report, someDay), plain, wrapped, err)
		former := formerFileKeyPlace("city", someAttachment(), ByTransit)
		wrapped, err = k.Public().Wrap(former, keys.Data[:])
		add("file key", former, keys.Data[:], wrapped, err)
		return vs
	}
	for _, v := range vectors(t, "wrapped.json", make) {
		k, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := k.Unwrap(v.Binding, v.Wrapped); err != nil || !bytes.Equal(plain, v.Plain) || !bytes.Equal(k.Public().Bytes(), v.Public) {
			t.Errorf("%s: %v", v.What, err)
		}
		if v.What == "file key" {
			if key, err := UnwrapFileKey(k, "city", someAttachment(), ByTransit, v.Wrapped); err != nil || key != Key(v.Plain) {
				t.Errorf("file key: %v", err)
			}
		}
		if v.What != "identity" {
			continue
		}
		if who, err := OpenIdentity(k, "city", report, someDay, v.Wrapped); err != nil || who.Name != "Ada" || who.Phone != "+44 7700 900123" {
			t.Errorf("identity: %+v, %v", who, err)
		}
	}
}
