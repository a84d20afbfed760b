package seal

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

func someTicket() Ticket {
	return Ticket{Purpose: 1, Work: 8, Wait: 10 * time.Second, Issued: someTime}
}

func ticketKey(n byte) TicketKey { return NewTicketKey(NewDraftKey(newKey(fixed(n)))) }

func TestATicketComesBackAsItWasSignedAndEachIsAnother(t *testing.T) {
	k := ticketKey(1)
	seen := map[[ticketRandom]byte]bool{}
	for range 50 {
		got, solved, err := k.Read(k.Sign(someTicket()))
		if err != nil || solved || seen[got.ID] {
			t.Fatal(solved, err)
		}
		seen[got.ID] = true
		got.Issued = got.Issued.UTC()
		if got.ID = [ticketRandom]byte{}; got != someTicket() {
			t.Fatalf("%+v", got)
		}
	}
}

func TestATicketIsSolvedByWorkAlone(t *testing.T) {
	k := ticketKey(1)
	ticket := k.Sign(someTicket())
	pass, err := Solve(ticket, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, solved, err := k.Read(pass); err != nil || !solved {
		t.Fatalf("solved %v, %v", solved, err)
	}
	wrong := 0
	for _, n := range []string{"0", "1", "12345678901234567890", "00000000000000000001"} {
		if _, solved, err := k.Read(ticket + "." + n); err == nil && !solved {
			wrong++
		}
	}
	if wrong < 3 {
		t.Errorf("%d of 4 numbers at random are no solution", wrong)
	}
}

func TestWhatIsNoTicketOfTheKeyIsRefused(t *testing.T) {
	k := ticketKey(1)
	ticket := k.Sign(someTicket())
	raw, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		t.Fatal(err)
	}
	passes := []string{
		"", ".", ".1", ticket[1:], ticket + "A", ticket + ".", ticket + ".-1", ticket + ". 1", ticket + ".1a", ticket + ".1.1",
		ticket + "." + strings.Repeat("1", 21), ticket + ".١", ticket + "\n", ticket[:59] + "\n", ticketKey(2).Sign(someTicket()),
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			passes = append(passes, base64.RawURLEncoding.EncodeToString(raw))
			raw[i] ^= 1 << bit
		}
	}
	for _, pass := range passes {
		if got, solved, err := k.Read(pass); !errors.Is(err, heed.ErrSealed) || solved || got != (Ticket{}) {
			t.Fatalf("%q: %v", pass, err)
		}
	}
}
