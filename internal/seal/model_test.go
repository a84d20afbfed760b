package seal

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestWhatAModelHoldsOpensForThatModelOfThatLineAlone(t *testing.T) {
	content := GeneratePrivateKey()
	f, err := SealModel(content.Public(), "city", "one", []byte("weights"), []byte("figures"))
	if err != nil {
		t.Fatal(err)
	}
	file, figures, err := OpenModel(content, "city", "one", f)
	if err != nil || string(file) != "weights" || string(figures) != "figures" {
		t.Fatalf("%q %q %v", file, figures, err)
	}
	change := func(fn func(*heed.ModelFile)) *heed.ModelFile {
		c := &heed.ModelFile{WrappedKey: bytes.Clone(f.WrappedKey), Sealed: bytes.Clone(f.Sealed), Figures: bytes.Clone(f.Figures)}
		fn(c)
		return c
	}
	for what, open := range map[string]func() error{
		"another line":  func() error { _, _, err := OpenModel(content, "town", "one", f); return err },
		"another model": func() error { _, _, err := OpenModel(content, "city", "two", f); return err },
		"another key":   func() error { _, _, err := OpenModel(GeneratePrivateKey(), "city", "one", f); return err },
		"the figures in the model's place": func() error {
			_, _, err := OpenModel(content, "city", "one", change(func(c *heed.ModelFile) { c.Sealed = f.Figures }))
			return err
		},
		"a changed byte": func() error {
			_, _, err := OpenModel(content, "city", "one", change(func(c *heed.ModelFile) { c.Figures[20] ^= 1 }))
			return err
		},
		"nothing": func() error { _, _, err := OpenModel(content, "city", "one", &heed.ModelFile{}); return err },
	} {
		if err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func adoption() *heed.LineModel {
	return &heed.LineModel{
		ID: someReport, Version: "line-1a2b3c4d", Base: "rules-3+learned-5e6f7a8b", SHA256: bytes.Repeat([]byte{7}, 32),
		ProposedBy: someDisclosure, SecondBy: "0123456789abcdefghjkmnpqrv", SecondAt: time.UnixMilli(1_795_000_000_000),
	}
}

func TestAnAdoptionHoldsForItsModelItsPeopleAndItsLineAlone(t *testing.T) {
	s := generateSigner(fixed(1))
	m := adoption()
	SignModel(s, "city", m)
	if err := VerifyModel(s.Verifier(), "city", m); err != nil {
		t.Fatal(err)
	}
	change := func(fn func(*heed.LineModel)) *heed.LineModel {
		c := *m
		fn(&c)
		return &c
	}
	for what, err := range map[string]error{
		"another line":     VerifyModel(s.Verifier(), "town", m),
		"another signer":   VerifyModel(generateSigner(fixed(2)).Verifier(), "city", m),
		"another model":    VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.ID = "another" })),
		"another version":  VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.Version = "line-2" })),
		"other rules":      VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.Base = "rules-4" })),
		"other weights":    VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.SHA256 = make([]byte, 32) })),
		"another proposer": VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.ProposedBy = "eve" })),
		"another second":   VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.SecondBy = "eve" })),
		"another time":     VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.SecondAt = c.SecondAt.Add(time.Hour) })),
		"no signature":     VerifyModel(s.Verifier(), "city", change(func(c *heed.LineModel) { c.Signature = nil })),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	one := adoption()
	one.SecondBy = one.ProposedBy
	SignModel(s, "city", one)
	if err := VerifyModel(s.Verifier(), "city", one); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("of one person: %v", err)
	}
}

func TestVectorsOfAdoptions(t *testing.T) {
	type vector struct {
		Seed      hexBytes `json:"seed"`
		Line      string   `json:"line"`
		Model     heed.ID  `json:"model"`
		Version   string   `json:"version"`
		Base      string   `json:"base"`
		SHA256    hexBytes `json:"sha256"`
		First     heed.ID  `json:"first"`
		Second    heed.ID  `json:"second"`
		At        int64    `json:"at"` // milliseconds since 1970
		Message   hexBytes `json:"message"`
		Signature hexBytes `json:"signature"`
	}
	same(t, "adoption.json", func() []vector {
		s, m := generateSigner(fixed(1)), adoption()
		SignModel(s, "city", m)
		return []vector{{
			Seed: s.Seed(), Line: "city", Model: m.ID, Version: m.Version, Base: m.Base, SHA256: m.SHA256, First: m.ProposedBy, Second: m.SecondBy,
			At: m.SecondAt.UnixMilli(), Message: modelStatement("city", m), Signature: m.Signature,
		}}
	})
}

func TestVectorsOfModels(t *testing.T) {
	type vector struct {
		Seed    hexBytes `json:"seed"` // of the content key
		Line    string   `json:"line"`
		Model   heed.ID  `json:"model"`
		Wrapped hexBytes `json:"wrapped"`
		Sealed  hexBytes `json:"sealed"`
		Figures hexBytes `json:"figures"`
		File    hexBytes `json:"file"`
		Plain   hexBytes `json:"plain"` // of the figures
	}
	content := GeneratePrivateKey()
	for _, v := range vectors(t, "model.json", func() []vector {
		f, err := SealModel(content.Public(), "city", someReport, []byte("heed model 1\n{}\n"), []byte(`{"version":"line-1a2b3c4d"}`))
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{
			Seed: content.Bytes(), Line: "city", Model: someReport, Wrapped: f.WrappedKey, Sealed: f.Sealed, Figures: f.Figures,
			File: []byte("heed model 1\n{}\n"), Plain: []byte(`{"version":"line-1a2b3c4d"}`),
		}}
	}) {
		k, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		file, figures, err := OpenModel(k, v.Line, v.Model, &heed.ModelFile{WrappedKey: v.Wrapped, Sealed: v.Sealed, Figures: v.Figures})
		if err != nil || !bytes.Equal(file, v.File) || !bytes.Equal(figures, v.Plain) {
			t.Errorf("%v: %q %q", err, file, figures)
		}
	}
}
