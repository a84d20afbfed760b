package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"

	heed "github.com/heed-line/heed"
)

// The ticket: format byte, purpose, work, wait, the second of its issue, random bytes, tag.
const (
	formatTicket   = 0x10
	ticketRandom   = 16
	ticketTag      = 16
	ticketBody     = 1 + 1 + 1 + 2 + 8 + ticketRandom
	ticketSize     = ticketBody + ticketTag
	ticketLength   = ticketSize / 3 * 4 // characters: its size is a multiple of three
	solutionLength = 20                 // digits of a solution at most
	labelTicket    = "heed/ticket/1"
	ticketHour     = 3600 // seconds for which a key signs
)

// TicketKey signs Tickets, with a key of its own for each hour. It derives from the draft key, so that every portal of a
// line knows the others' Tickets without a word between them.
type TicketKey struct{ key Key }

// NewTicketKey makes the TicketKey that goes with a DraftKey.
func NewTicketKey(k DraftKey) TicketKey { return TicketKey(k) }

// Ticket says what has to be done before a request is let in: so much work, or so much waiting. It knows nothing of who
// got it: two of one reporter have nothing in common but what everybody's of that second have.
type Ticket struct {
	Purpose byte          // what it lets in: a Ticket for one thing is none for another
	Work    int           // leading zero bits that a solution's hash must have, at most 64
	Wait    time.Duration // after Issued, in whole seconds up to 18 hours, with which it is good without a solution
	Issued  time.Time     // a whole second
	ID      [ticketRandom]byte
}

// Sign draws the Ticket's ID and writes it as text: 60 characters of base64url.
func (k TicketKey) Sign(t Ticket) string { return k.sign(rand.Reader, t) }

func (k TicketKey) sign(random io.Reader, t Ticket) string {
	draw(random, t.ID[:])
	b := make([]byte, 0, ticketSize)
	b = append(b, formatTicket, t.Purpose, byte(t.Work))
	b = binary.BigEndian.AppendUint16(b, uint16(t.Wait/time.Second))
	b = binary.BigEndian.AppendUint64(b, uint64(t.Issued.Unix()))
	b = append(b, t.ID[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, k.tag(b)...))
}

// tag authenticates a Ticket's body with the key of the hour in which it was issued.
func (k TicketKey) tag(body []byte) []byte {
	hour := binary.BigEndian.Uint64(body[5:]) / ticketHour
	key := expand(k.key[:], nil, string(binary.BigEndian.AppendUint64(appendString(nil, labelTicket), hour)), keySize)
	defer clear(key)
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return mac.Sum(nil)[:ticketTag]
}

// Read takes a pass apart: a Ticket as it was signed, or one with "." and a solution of 1 to 20 decimal digits behind it.
// solved says that the SHA-256 of the whole pass, as it stands there, begins with as many zero bits as the Ticket asks for.
// Whether the Ticket is still young, or ripe, or was used, is the caller's to see.
//
// ErrSealed: it is no Ticket of this key.
func (k TicketKey) Read(pass string) (t Ticket, solved bool, err error) {
	text, solution, hasSolution := strings.Cut(pass, ".")
	if len(text) != ticketLength || strings.ContainsAny(text, "\r\n") || hasSolution && !isSolution(solution) {
		return Ticket{}, false, cannotOpen("a ticket")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != ticketSize || b[0] != formatTicket || !hmac.Equal(b[ticketBody:], k.tag(b[:ticketBody])) {
		return Ticket{}, false, cannotOpen("a ticket")
	}
	t = Ticket{
		Purpose: b[1], Work: int(b[2]), Wait: time.Duration(binary.BigEndian.Uint16(b[3:])) * time.Second,
		Issued: time.Unix(int64(binary.BigEndian.Uint64(b[5:])), 0), ID: [ticketRandom]byte(b[13:]),
	}
	return t, hasSolution && zeroBits([]byte(pass)) >= t.Work, nil
}

func isSolution(s string) bool {
	return len(s) >= 1 && len(s) <= solutionLength && strings.Trim(s, "0123456789") == ""
}

// zeroBits is how many zero bits the SHA-256 of a pass begins with, up to 64.
func zeroBits(pass []byte) int {
	sum := sha256.Sum256(pass)
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:]))
}

// mostTries bounds the search for a solution: with 40 bits of work it is found in most cases, and a line asks for far less.
const mostTries = 1 << 40

// Solve does the work that a Ticket asks for and answers the whole pass, with the smallest solution.
//
// ErrInvalid: none was found in 2^40 tries.
func Solve(ticket string, work int) (string, error) {
	head := append([]byte(ticket), '.')
	pass := make([]byte, 0, len(head)+solutionLength)
	for n := uint64(0); n < mostTries; n++ {
		if pass = strconv.AppendUint(append(pass[:0], head...), n, 10); zeroBits(pass) >= work {
			return string(pass), nil
		}
	}
	return "", fmt.Errorf("solving a ticket of %d bits: %w", work, heed.ErrInvalid)
}
