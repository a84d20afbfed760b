package seal

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	heed "github.com/heed-line/heed"
	"pgregory.net/rapid"
)

func TestAReceiptTypedInAnyCommonWayIsTheSameReceipt(t *testing.T) {
	const want = "01234567890123456789"
	for name, typed := range map[string]string{
		"plain":                   want,
		"grouped":                 "01234 56789 01234 56789",
		"hyphens":                 "01234-56789-01234-56789",
		"typographic dashes":      "01234–56789—01234‑56789",
		"minus signs":             "01234\u221256789\u22120123456789",
		"no-break spaces":         "01234\u00a056789\u202f01234\u200756789",
		"lines and tabs":          "\t01234\r\n56789\n01234\t56789 \n",
		"zero-width and marks":    "\ufeff\u200e01234\u200b56789\u206801234\u206956789\u200f",
		"soft hyphens":            "01234\u00ad56789\u00ad0123456789",
		"dots":                    "01234.56789.01234·56789",
		"fullwidth":               "０１２３４　５６７８９　０１２３４　５６７８９",
		"Arabic-Indic":            "٠١٢٣٤ ٥٦٧٨٩ ٠١٢٣٤ ٥٦٧٨٩",
		"Extended Arabic-Indic":   "۰۱۲۳۴ ۵۶۷۸۹ ۰۱۲۳۴ ۵۶۷۸۹",
		"Devanagari":              "०१२३४ ५६७८९ ०१२३४ ५६७८९",
		"Bengali":                 "০১২৩৪৫৬৭৮৯০১২৩৪৫৬৭৮৯",
		"Thai":                    "๐๑๒๓๔๕๖๗๘๙๐๑๒๓๔๕๖๗๘๙",
		"mathematical bold":       "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
		"mathematical monospace":  "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
		"two scripts in one":      "01234 ٥٦٧٨٩ 01234 ५६७८९",
		"every digit spaced away": "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9",
	} {
		if got, err := ParseReceipt(typed); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestAWrongReceiptSaysWhatIsWrong(t *testing.T) {
	for typed, code := range map[string]string{
		"": "receipt-empty", "  \u00a0-- ": "receipt-empty", "\u200e": "receipt-empty",
		"1": "receipt-length", "0123456789012345678": "receipt-length", "012345678901234567890": "receipt-length",
		strings.Repeat("1", 100_000): "receipt-length", strings.Repeat(" ", 1000) + "01234567890123456789": "receipt-length",
		"O1234567890123456789": "receipt-digits", "0123456789012345678x": "receipt-digits", "+0123456789012345678": "receipt-digits",
		"0123456789\x000123456789": "receipt-digits", "01234567890\xff123456789": "receipt-digits", "½": "receipt-digits", "²": "receipt-digits",
		"零一二三四五六七八九零一二三四五六七八九": "receipt-digits", "<script>": "receipt-digits",
	} {
		_, err := ParseReceipt(typed)
		var p *heed.Problem
		if !errors.As(err, &p) || p.Code != code || p.Field != "receipt" || !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%.30q: %v, want %s", typed, err, code)
		}
		if len(typed) > 1 && err != nil && strings.Contains(err.Error(), typed) {
			t.Errorf("%q stands in the error", typed)
		}
	}
}

func TestEveryScriptsDigitsCountFromTheirZero(t *testing.T) {
	scripts := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		d, ok := digit(r)
		if ok != unicode.Is(unicode.Nd, r) {
			t.Fatalf("%U: %v", r, ok)
		}
		if !ok {
			continue
		}
		// Ten in a row, in order: the one before a 1 is a 0, and so on.
		if before, ok := digit(r - 1); d > '0' && (!ok || before != d-1) {
			t.Fatalf("%U is %c after %c", r, d, before)
		}
		if d == '9' {
			scripts++
		}
	}
	if scripts < 60 {
		t.Fatalf("only %d scripts", scripts)
	}
}

func TestAReceiptReadsBackAsItIsShown(t *testing.T) {
	r := NewReceipt()
	if len(r) != ReceiptDigits || len(r.Grouped()) != ReceiptDigits+3 {
		t.Fatal(len(r), r.Grouped())
	}
	if got, err := ParseReceipt(r.Grouped()); err != nil || got != r {
		t.Fatal(err)
	}
	if Receipt("01234567890123456789").Grouped() != "01234 56789 01234 56789" {
		t.Fatal("wrong groups")
	}
}

func TestAReceiptsDigitsAreUniform(t *testing.T) {
	const n = 20_000
	var seen [ReceiptDigits][10]int
	random := fixed(1)
	for range n {
		for i, d := range []byte(newReceipt(random)) {
			seen[i][d-'0']++
		}
	}
	for i, digits := range seen {
		var chi float64
		for _, c := range digits {
			chi += float64((c-n/10)*(c-n/10)) / (n / 10)
		}
		if chi > 40 { // 9 degrees of freedom: 1 in 100,000
			t.Errorf("digit %d: chi-square %.1f: %v", i, chi, digits)
		}
	}
}

func TestOnlyTwentyDigitsEverComeOutOfParsing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := ParseReceipt(rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9 ٠-٩-]{15,30}`)).Draw(t, "typed"))
		if (err == nil) != (len(r) == ReceiptDigits && strings.Trim(string(r), "0123456789") == "") {
			t.Fatalf("%q, %v", r, err)
		}
	})
}
