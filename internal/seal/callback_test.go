package seal

import (
	"errors"
	"testing"

	"github.com/heed-line/heed"
)

func TestACallsReceiptOpensForThatCallAlone(t *testing.T) {
	key, receipt := GeneratePrivateKey(), NewReceipt()
	sealed, err := SealCallReceipt(key.Public(), "city", "one", receipt)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenCallReceipt(key, "city", "one", sealed); err != nil || got != receipt {
		t.Fatalf("%q, %v", got, err)
	}
	garbled, err := SealCallReceipt(key.Public(), "city", "one", "no Receipt")
	if err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func() (Receipt, error){
		"another line": func() (Receipt, error) { return OpenCallReceipt(key, "town", "one", sealed) },
		"another call": func() (Receipt, error) { return OpenCallReceipt(key, "city", "two", sealed) },
		"another key":  func() (Receipt, error) { return OpenCallReceipt(GeneratePrivateKey(), "city", "one", sealed) },
		"no Receipt":   func() (Receipt, error) { return OpenCallReceipt(key, "city", "one", garbled) },
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestANumberToCallBackGoesFromTheDaysKeyToTheOneWhoDialsAndIsAsLongAsAnyOther(t *testing.T) {
	transit, dials := GeneratePrivateKey(), GeneratePrivateKey()
	long := 0
	for _, number := range []string{"112", "00493012345678", "12345678901234567890123456789012"} {
		sealed, err := SealCallBack(transit.Public(), "city", "2026-11-23", "one", number)
		if err != nil {
			t.Fatal(err)
		}
		resealed, err := ResealCallBack(transit, dials.Public(), "city", "2026-11-23", "one", sealed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenCallBack(dials, "city", "one", resealed); err != nil || got != number {
			t.Errorf("%q, %v", got, err)
		}
		if long == 0 {
			long = len(sealed)
		}
		if len(sealed) != long || len(resealed) != long {
			t.Errorf("%d and %d bytes, others %d", len(sealed), len(resealed), long)
		}
		for what, err := range map[string]error{
			"another day":     second(ResealCallBack(transit, dials.Public(), "city", "2026-11-24", "one", sealed)),
			"another wish":    second(ResealCallBack(transit, dials.Public(), "city", "2026-11-23", "two", sealed)),
			"another key":     second(ResealCallBack(dials, dials.Public(), "city", "2026-11-23", "one", sealed)),
			"not resealed":    second(OpenCallBack(transit, "city", "one", sealed)),
			"another dials":   second(OpenCallBack(transit, "city", "one", resealed)),
			"another attempt": second(OpenCallBack(dials, "city", "two", resealed)),
			"another line":    second(OpenCallBack(dials, "town", "one", resealed)),
		} {
			if !errors.Is(err, heed.ErrSealed) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	for _, number := range []string{"", "+4930", "123456789012345678901234567890123", "٣"} {
		if _, err := SealCallBack(transit.Public(), "city", "2026-11-23", "one", number); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", number, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestVectorsOfCallReceipts(t *testing.T) {
	type vector struct {
		Seed    hexBytes `json:"seed"` // of the call's key
		Line    string   `json:"line"`
		Call    heed.ID  `json:"call"`
		Sealed  hexBytes `json:"sealed"`
		Receipt Receipt  `json:"receipt"`
	}
	for i, v := range vectors(t, "call-receipt.json", func() []vector {
		key := GeneratePrivateKey()
		sealed, err := SealCallReceipt(key.Public(), "city", someReport, "01234567890123456789")
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{key.Bytes(), "city", someReport, sealed, "01234567890123456789"}}
	}) {
		key, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenCallReceipt(key, v.Line, v.Call, v.Sealed); err != nil || got != v.Receipt {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
}

func TestVectorsOfCallBacks(t *testing.T) {
	type vector struct {
		Seed     hexBytes `json:"seed"`    // of the day's transit key
		Dialler  hexBytes `json:"dialler"` // seed of the key of the process that dials
		Line     string   `json:"line"`
		Day      string   `json:"day"`
		ID       heed.ID  `json:"id"`
		Sealed   hexBytes `json:"sealed"`
		Resealed hexBytes `json:"resealed"`
		Number   string   `json:"number"`
	}
	for i, v := range vectors(t, "call-back.json", func() []vector {
		transit, dialler := GeneratePrivateKey(), GeneratePrivateKey()
		sealed, err := SealCallBack(transit.Public(), "city", "2026-11-23", someReport, "00493012345678")
		if err != nil {
			t.Fatal(err)
		}
		resealed, err := ResealCallBack(transit, dialler.Public(), "city", "2026-11-23", someReport, sealed)
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{transit.Bytes(), dialler.Bytes(), "city", "2026-11-23", someReport, sealed, resealed, "00493012345678"}}
	}) {
		transit, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		dialler, err := ParsePrivateKey(v.Dialler)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ResealCallBack(transit, dialler.Public(), v.Line, v.Day, v.ID, v.Sealed)
		if err != nil {
			t.Fatal(err)
		}
		for _, resealed := range [][]byte{v.Resealed, again} {
			if got, err := OpenCallBack(dialler, v.Line, v.ID, resealed); err != nil || got != v.Number {
				t.Errorf("%d: %q, %v", i, got, err)
			}
		}
	}
}
