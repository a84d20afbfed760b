package seal_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func readTicket(v struct {
	Key     octets `json:"draft_key"`
	Purpose int
	Work    int `json:"work_bits"`
	Wait    int `json:"wait_seconds"`
	Issued  time.Time
	ID      octets
	Ticket  string
	Pass    string
}) error {
	b, err := base64.RawURLEncoding.DecodeString(v.Ticket)
	if err != nil || len(v.Ticket) != 60 || len(b) != 45 || b[0] != 0x10 {
		return fmt.Errorf("no ticket: %x, %v", b, err)
	}
	issued := binary.BigEndian.Uint64(b[5:13])
	hour := binary.BigEndian.AppendUint64(nil, issued/3600)
	mac := hmac.New(sha256.New, hkdf(v.Key, nil, join(str([]byte("heed/ticket/1")), hour), 32))
	mac.Write(b[:29])
	switch {
	case !bytes.Equal(mac.Sum(nil)[:16], b[29:]):
		return fmt.Errorf("the tag is %x", b[29:])
	case int(b[1]) != v.Purpose, int(b[2]) != v.Work, int(binary.BigEndian.Uint16(b[3:])) != v.Wait, int64(issued) != v.Issued.Unix(), !bytes.Equal(b[13:29], v.ID):
		return fmt.Errorf("the ticket says %x", b)
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(v.Pass, v.Ticket+"."), 10, 64)
	if err != nil {
		return fmt.Errorf("the pass is none of this ticket: %w", err)
	}
	for try := uint64(0); try <= n; try++ { // the vector has the smallest solution
		sum := sha256.Sum256(fmt.Appendf(nil, "%s.%d", v.Ticket, try))
		if solved := binary.BigEndian.Uint64(sum[:])>>(64-v.Work) == 0; solved != (try == n) {
			return fmt.Errorf("%d: solved %v", try, solved)
		}
	}
	return nil
}
