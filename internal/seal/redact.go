package seal

import (
	"fmt"
	"log/slog"
)

// Nothing secret prints or logs, whatever the verb: every type that holds a key answers with this.
const redactedKey = "[key]"

// String redacts.
func (k Key) String() string { return redactedKey }

// Format redacts.
func (k Key) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (k Key) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// String redacts.
func (k *PrivateKey) String() string { return redactedKey }

// Format redacts.
func (k *PrivateKey) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (k *PrivateKey) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// Format redacts.
func (s *Signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, redactedKey) }

// LogValue redacts.
func (s *Signer) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// Format redacts.
func (k DraftKey) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (k DraftKey) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// Format redacts.
func (m *MatchingKey) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (m *MatchingKey) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// Format redacts.
func (d *Deriver) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (d *Deriver) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// Format redacts.
func (k SignInKey) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (k SignInKey) LogValue() slog.Value { return slog.StringValue(redactedKey) }

// String redacts; Grouped gives it to the one page that shows it.
func (c ApartCode) String() string { return redactedKey }

// Format redacts.
func (c ApartCode) Format(s fmt.State, _ rune) { fmt.Fprint(s, redactedKey) }

// LogValue redacts.
func (c ApartCode) LogValue() slog.Value { return slog.StringValue(redactedKey) }
