package seal

import (
	"fmt"

	heed "github.com/heed-line/heed"
)

// ReportKeys are the two keys of one Report. Data opens content, names, reasons and screening, and only the desk and the
// worker ever hold it; Mailbox opens the messages, and the Receipt opens it too.
type ReportKeys struct{ Data, Mailbox Key }

// NewReportKeys draws both keys.
func NewReportKeys() ReportKeys { return ReportKeys{Data: NewKey(), Mailbox: NewKey()} }

func reportKeysBinding(line string, report heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "report-keys", Version: 1}
}

// Wrap seals both keys to the line's content key: the 64 bytes Data ‖ Mailbox.
func (rk ReportKeys) Wrap(content *PublicKey, line string, report heed.ID) ([]byte, error) {
	secret := make([]byte, 0, 2*keySize)
	secret = append(append(secret, rk.Data[:]...), rk.Mailbox[:]...)
	defer clear(secret)
	return content.Wrap(reportKeysBinding(line, report), secret)
}

// UnwrapReportKeys opens what ReportKeys.Wrap sealed for the same report. ErrSealed: it can't be opened.
func UnwrapReportKeys(content *PrivateKey, line string, report heed.ID, wrapped []byte) (ReportKeys, error) {
	var rk ReportKeys
	secret, err := content.Unwrap(reportKeysBinding(line, report), wrapped)
	if err != nil {
		return rk, err
	}
	defer clear(secret)
	if len(secret) != 2*keySize {
		return rk, fmt.Errorf("report keys of %d bytes: %w", len(secret), heed.ErrSealed)
	}
	copy(rk.Data[:], secret[:keySize])
	copy(rk.Mailbox[:], secret[keySize:])
	return rk, nil
}
