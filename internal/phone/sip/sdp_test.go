package sip

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// described is a description with the lines of its media.
func described(lines ...string) []byte {
	return []byte(strings.Join(append([]string{"v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "c=IN IP4 192.0.2.7", "t=0 0"}, lines...), "\r\n") + "\r\n")
}

const (
	aKey     = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
	suite80  = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + aKey + "|2^20"
	suite32  = "a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:" + aKey
	withMKI  = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + aKey + "|2^20|1:4"
	withKDR  = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + aKey + " KDR=1"
	otherOne = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + aKey
	twoKeys  = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + aKey + ";inline:" + aKey
)

func TestAnOfferIsTakenOnItsTermsOrRefused(t *testing.T) {
	plain, secure, both := policy{clear: true}, policy{secure: true}, policy{secure: true, clear: true}
	events := []string{"a=rtpmap:96 telephone-event/8000", "a=rtpmap:97 telephone-event/16000"}
	for _, c := range []struct {
		name   string
		offer  []byte
		policy policy
		want   string // of describe, below; "": refused
	}{
		{"mu-law", described("m=audio 4000 RTP/AVP 0"), plain, "PCMU both 192.0.2.7:4000 192.0.2.7:4001"},
		{"A-law first", described("m=audio 4000 RTP/AVP 18 8 0"), plain, "PCMA both 192.0.2.7:4000 192.0.2.7:4001"},
		{"events of 8 kHz", described(append([]string{"m=audio 4000 RTP/AVP 0 97 96"}, events...)...), plain, "PCMU 96 both 192.0.2.7:4000 192.0.2.7:4001"},
		{"another port for reports", described("m=audio 4000 RTP/AVP 0", "a=rtcp:5001"), plain, "PCMU both 192.0.2.7:4000 192.0.2.7:5001"},
		{"an address of its own", described("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"), plain, "PCMU both [2001:db8::1]:4000 [2001:db8::1]:4001"},
		{"hold", described("m=audio 4000 RTP/AVP 0", "a=sendonly"), plain, "PCMU speaks 192.0.2.7:4000 192.0.2.7:4001"},
		{"hold for all media", described("a=inactive", "m=audio 4000 RTP/AVP 0"), plain, "PCMU none 192.0.2.7:4000 192.0.2.7:4001"},
		{"hold of old", described("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"), plain, "PCMU speaks invalid AddrPort invalid AddrPort"},
		{"the second medium", described("m=video 3000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0"), plain, "PCMU both 192.0.2.7:4000 192.0.2.7:4001"},
		{"no law of ours", described("m=audio 4000 RTP/AVP 18 111"), plain, ""},
		{"no sound", described("m=video 4000 RTP/AVP 0"), plain, ""},
		{"refused by itself", described("m=audio 0 RTP/AVP 0"), plain, ""},
		{"a name", described("m=audio 4000 RTP/AVP 0", "c=IN IP4 phone.example"), plain, ""},
		{"to everybody", described("m=audio 4000 RTP/AVP 0", "c=IN IP4 224.0.0.1"), plain, ""},
		{"a browser's", described("m=audio 4000 UDP/TLS/RTP/SAVPF 0"), plain, ""},

		{"protected", described("m=audio 4000 RTP/SAVP 0", otherOne, suite32, suite80), secure, "PCMU both 192.0.2.7:4000 192.0.2.7:4001 7 AES_CM_128_HMAC_SHA1_32"},
		{"either, by TLS", described("m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/SAVP 0", suite80), both, "PCMU both 192.0.2.7:4002 192.0.2.7:4003 1 AES_CM_128_HMAC_SHA1_80"},
		{"keys in clear", described("m=audio 4000 RTP/SAVP 0", suite80), plain, ""},
		{"in clear by TLS", described("m=audio 4000 RTP/AVP 0", suite80), secure, ""},
		{"in clear by TLS, where it may", described("m=audio 4000 RTP/AVP 0"), both, "PCMU both 192.0.2.7:4000 192.0.2.7:4001"},
		{"key identifiers", described("m=audio 4000 RTP/SAVP 0", withMKI), secure, ""},
		{"session parameters", described("m=audio 4000 RTP/SAVP 0", withKDR), secure, ""},
		{"two keys", described("m=audio 4000 RTP/SAVP 0", twoKeys), secure, ""},
	} {
		o, err := readOffer(c.offer, c.policy)
		if err != nil {
			if c.want != "" || !errors.Is(err, errUnacceptable) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if got := describe(o); got != c.want {
			t.Errorf("%s: agreed on %q, want %q", c.name, got, c.want)
		}
	}
	for _, body := range []string{"", "hello", "v=0\r\n", string(described()), string(described("m=audio 99999999999999999999 RTP/AVP 0"))} {
		if _, err := readOffer([]byte(body), plain); !errors.Is(err, errDescription) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// describe writes an offer's terms in one line.
func describe(o *offer) string {
	words := []string{"PCMU"}
	if o.terms.law == sound.ALaw {
		words[0] = "PCMA"
	}
	if o.terms.events != noEvents {
		words = append(words, "96")
	}
	words = append(words, map[[2]bool]string{{true, true}: "both", {true, false}: "speaks", {false, true}: "hears", {}: "none"}[[2]bool{o.terms.speaks, o.terms.hears}],
		o.terms.to.String(), o.terms.report.String())
	if o.crypto != nil {
		words = append(words, strings.Join(strings.Fields(o.crypto.String())[:2], " "))
	}
	return strings.Join(words, " ")
}

func TestAnAnswerNamesEveryMediumInItsPlaceAndTurnsTheDirectionAround(t *testing.T) {
	l := &local{address: netip.MustParseAddr("2001:db8::9"), port: 20000, id: 5}
	o, err := readOffer(described("m=video 3000 RTP/AVP 31", "m=audio 4000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly", "m=audio 5000 RTP/AVP 0"), policy{clear: true})
	if err != nil {
		t.Fatal(err)
	}
	body, agreed, err := o.answer(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{"v=0", "o=- 5 1 IN IP6 2001:db8::9", "s=-", "c=IN IP6 2001:db8::9", "t=0 0", "m=video 0 RTP/AVP 31",
		"m=audio 20000 RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=recvonly", "m=audio 0 RTP/AVP 0", ""}, "\r\n")
	if string(body) != want {
		t.Errorf("answered\n%s\nwant\n%s", body, want)
	}
	if agreed.law != sound.ALaw || agreed.events != 101 || agreed.crypto != nil {
		t.Errorf("agreed on %+v", agreed)
	}
}

func TestOurKeyIsAnotherOnceTheirsIsAndOnlyThen(t *testing.T) {
	l := &local{address: netip.MustParseAddr("192.0.2.9"), port: 20000}
	answer := func(line string, current *terms) *terms {
		o, err := readOffer(described("m=audio 4000 RTP/SAVP 0", line), policy{secure: true})
		if err != nil {
			t.Fatal(err)
		}
		body, agreed, err := o.answer(l, current)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), aKey) {
			t.Error("their key came back")
		}
		return agreed
	}
	first := answer(suite80, nil)
	if again := answer(suite80, first); *again.crypto != *first.crypto {
		t.Error("the same offer changed the keys")
	}
	if other := answer(strings.Replace(suite80, "WVNf", "AAAA", 1), first); other.crypto.ours == first.crypto.ours {
		t.Error("their new key met our old one")
	}
}

func TestAnAnswerToOurOfferNamesOneOfItsLines(t *testing.T) {
	l := &local{address: netip.MustParseAddr("192.0.2.9"), port: 20000, key: newMaterial()}
	p := policy{secure: true}
	body, err := l.offer(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"m=audio 20000 RTP/SAVP 8 0 101\r\n", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:", "a=sendrecv"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the offer has no %q:\n%s", want, body)
		}
	}
	second := strings.Replace(suite32, ":7", ":2", 1)
	agreed, err := l.readAnswer(described("m=audio 4000 RTP/SAVP 0 99", "a=rtpmap:99 telephone-event/8000", second), p)
	if err != nil || agreed.events != ourEvents || agreed.crypto.ours != *l.key {
		t.Errorf("agreed on %+v, %v", agreed, err)
	}
	if _, err := l.readAnswer(described("m=audio 4000 RTP/SAVP 0", suite32), p); !errors.Is(err, errUnacceptable) {
		t.Errorf("an answer to a line that wasn't offered: %v", err)
	}
}

func TestTheFirstSourceIsKeptAndStrangersArent(t *testing.T) {
	told, nat, stranger := netip.MustParseAddrPort("10.0.0.7:4000"), netip.MustParseAddrPort("192.0.2.7:61000"), netip.MustParseAddrPort("203.0.113.5:4000")
	now := time.Unix(1e9, 0)
	var s source
	s.unlock(told)
	if !s.admits(told, now) || s.admits(stranger, now) || s.heardAt != told {
		t.Error("the announced source isn't locked with its first packet")
	}
	s = source{}
	s.unlock(told)
	for i := range persistence - 1 {
		if s.admits(nat, now) {
			t.Fatalf("a source that nobody announced was believed after %d packets", i+1)
		}
	}
	if s.heardAt != told {
		t.Error("nobody has been believed yet, and somebody is spoken to")
	}
	if !s.admits(nat, now) || !s.admits(nat, now) || s.admits(told, now) || s.heardAt != nat {
		t.Error("the persistent source isn't locked")
	}
	now = now.Add(time.Hour)
	if s.admits(stranger, now) {
		t.Error("a stranger is believed, since the source is silent")
	}
	s.admits(nat, now)
	s.unlock(told)
	for range 3 * persistence {
		if s.admits(stranger, now) || s.admits(told, now) || s.heardAt != nat {
			t.Fatal("an unchanged description lost the way through the NAT")
		}
	}
	for range unmoved { // it is still there
		s.admits(nat, now)
	}
	now = now.Add(time.Hour)
	for range 3 * persistence {
		if s.admits(stranger, now) {
			t.Fatal("a source that hadn't moved when it was described again lost its place to a stranger later")
		}
	}
	s.unlock(told)
	now = now.Add(moved)
	for range persistence - 1 {
		if s.admits(told, now) {
			t.Fatal("a source that may have moved is believed at once")
		}
	}
	if !s.admits(told, now) || s.locked != told || s.admits(nat, now.Add(time.Hour)) {
		t.Error("a source that has moved isn't locked")
	}
	s.unlock(nat)
	for range 3 * persistence { // two that speak at once: the announced one has it
		if s.admits(stranger, now) {
			t.Fatal("a stranger was believed beside the announced source")
		}
		if s.admits(nat, now) {
			break
		}
	}
	if s.locked != nat {
		t.Error("the announced source isn't locked")
	}
}

func TestNothingIsSentToAnAddressThatNobodyVouchesForBeforeSomethingCameFromThere(t *testing.T) {
	told, now := netip.MustParseAddrPort("198.51.100.7:4000"), time.Unix(1e9, 0)
	s := source{vouched: func(a netip.Addr) bool { return a != told.Addr() }}
	s.unlock(told)
	if s.heardAt.IsValid() {
		t.Errorf("sound goes to %s", s.heardAt)
	}
	if !s.admits(told, now) || s.heardAt != told {
		t.Errorf("who speaks from there is answered at %s", s.heardAt)
	}
	for from, want := range map[string]bool{"192.0.2.1": false, "198.51.100.7": true} {
		for peers, ok := range map[string]bool{"": want, "192.0.2.0/24": true} {
			c := &call{s: &Server{}, invited: &sip.Request{}, from: netip.MustParseAddr(from)}
			if peers != "" {
				c.s.c.Peers = []netip.Prefix{netip.MustParsePrefix(peers)}
			}
			if c.vouched(told.Addr()) != ok {
				t.Errorf("a call from %s, with peers %q: %v", from, peers, !ok)
			}
		}
	}
}

func FuzzOffer(f *testing.F) {
	for _, lines := range [][]string{{"m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly"}, {"m=audio 4000 RTP/SAVP 8", suite80, withMKI}, {"m=video 1 RTP/AVP 0", "c=IN IP6 ::1", "a=rtcp:7 IN IP4 1.2.3.4"}} {
		f.Add(described(lines...))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range []policy{{clear: true}, {secure: true}} {
			o, err := readOffer(body, p)
			if err != nil {
				if !errors.Is(err, errDescription) && !errors.Is(err, errUnacceptable) {
					t.Fatalf("an error of another kind: %v", err)
				}
				continue
			}
			if p.secure != (o.crypto != nil) || o.terms.hears && !o.terms.to.IsValid() {
				t.Fatalf("agreed on %+v, %v", o.terms, o.crypto)
			}
			l := &local{address: netip.MustParseAddr("192.0.2.9"), port: 20000}
			answer, _, err := o.answer(l, nil)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := readOffer(answer, p); err != nil || again.terms.law != o.terms.law {
				t.Fatalf("our own answer can't be read: %v\n%s", err, answer)
			}
		}
	})
}
