package seal

import (
	"crypto/rand"
	"io"
	"log/slog"
	"strings"
	"unicode"

	heed "github.com/heed-line/heed"
)

// ReceiptDigits is the length of a Receipt. Twenty digits are 66 bits; docs/crypto.md says why not fewer.
const ReceiptDigits = 20

// receiptInput bounds what ParseReceipt looks at, in bytes: 20 digits of 4 bytes each and room for as much punctuation.
const receiptInput = 512

// Receipt is the reporter's only credential: 20 ASCII digits. It is shown once, never stored and never logged.
type Receipt string

// NewReceipt draws each digit uniformly from crypto/rand.
func NewReceipt() Receipt { return newReceipt(rand.Reader) }

func newReceipt(random io.Reader) Receipt {
	digits := make([]byte, 0, ReceiptDigits)
	var b [ReceiptDigits]byte
	for len(digits) < ReceiptDigits {
		draw(random, b[:])
		for _, v := range b {
			// 250 is the last multiple of ten in a byte: the values above it would favour the digits 0 to 5.
			if v < 250 && len(digits) < ReceiptDigits {
				digits = append(digits, '0'+v%10)
			}
		}
	}
	return Receipt(digits)
}

// ParseReceipt reads a Receipt as people type and paste it: with spaces, dashes and invisible marks anywhere, and with
// the digits of any script.
//
// It returns a *heed.Problem in the field "receipt": receipt-empty where nothing was typed, receipt-digits where something
// is neither digit nor separator, receipt-length (with Want and Got) where there are not 20 digits.
func ParseReceipt(s string) (Receipt, error) {
	if strings.TrimFunc(s, separator) == "" {
		return "", &heed.Problem{Field: "receipt", Code: "receipt-empty"}
	}
	digits := make([]byte, 0, ReceiptDigits)
	got := 0
	for i, r := range s {
		if i >= receiptInput {
			break // far too long already; what follows changes only the count
		}
		d, ok := digit(r)
		switch {
		case ok:
			if got++; got <= ReceiptDigits {
				digits = append(digits, d)
			}
		case !separator(r):
			return "", &heed.Problem{Field: "receipt", Code: "receipt-digits"}
		}
	}
	if got != ReceiptDigits || len(s) > receiptInput {
		return "", &heed.Problem{Field: "receipt", Code: "receipt-length",
			Args: map[string]any{"Want": ReceiptDigits, "Got": got}}
	}
	return Receipt(digits), nil
}

// digit gives the ASCII digit for a decimal digit of any script. Unicode keeps each script's ten in ascending order, so
// that every range of Nd begins with a zero and holds whole tens (The Unicode Standard, 4.6).
func digit(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r), true
	}
	for _, t := range unicode.Nd.R16 {
		if lo, hi := rune(t.Lo), rune(t.Hi); r >= lo && r <= hi {
			return '0' + byte((r-lo)%10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo, hi := rune(t.Lo), rune(t.Hi); r >= lo && r <= hi {
			return '0' + byte((r-lo)%10), true
		}
	}
	return 0, false
}

// separator reports whether r may stand between the digits: white space, dashes and minus signs, dots and middle dots of
// grouping, and the invisible marks (joiners, direction marks, byte order marks) that copying from a page brings along.
func separator(r rune) bool {
	switch r {
	case '.', '·', '_', '\u2212', '\u30fb':
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf)
}

// Grouped is the Receipt as it is shown, printed and read out: four groups of five ("01234 56789 01234 56789").
func (r Receipt) Grouped() string {
	var b strings.Builder
	for i := range len(r) {
		if i > 0 && i%5 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(r[i])
	}
	return b.String()
}

// LogValue redacts.
func (r Receipt) LogValue() slog.Value { return slog.StringValue("[receipt]") }
