package auth_test

import (
	"errors"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

func TestAWrongNameAndAWrongPassphraseAreAnsweredAlike(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	_, _, unknown := l.auth.Authenticate(t.Context(), "nobody", passphrase, "")
	_, _, wrong := l.auth.Authenticate(t.Context(), "amira", passphrase+"x", "")
	if !errors.Is(unknown, heed.ErrForbidden) || !errors.Is(wrong, heed.ErrForbidden) || unknown.Error() != wrong.Error() {
		t.Errorf("answers differ: %v, %v", unknown, wrong)
	}
}

func TestAnUnknownNameCostsAsMuchAsAKnownOne(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector costs both alike; without it this one runs")
	}
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	known, unknown := time.Hour, time.Hour
	for range 4 { // in turns, so that what else the machine does falls on both
		known, unknown = min(known, refusal(t, l, "amira")), min(unknown, refusal(t, l, "nobody"))
		l.wait(time.Hour)
	}
	if unknown < known/2 || unknown > known*2 {
		t.Errorf("a known name takes %v, an unknown one %v", known, unknown)
	}
}

// refusal is how much processor time a wrong passphrase takes: what others do on the machine meanwhile isn't in it.
func refusal(t *testing.T, l *line, name string) time.Duration {
	t.Helper()
	begun := processorTime(t)
	if _, _, err := l.auth.Authenticate(t.Context(), name, "wrong wrong wrong", ""); !errors.Is(err, heed.ErrForbidden) {
		t.Fatal(err)
	}
	return processorTime(t) - begun
}

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestASessionEndsWhenIdleWhenOldAndWhenSignedOut(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	alive := func(secret string) bool {
		_, err := l.auth.Session(t.Context(), secret, "")
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	idle := l.signIn(t, "amira")
	l.wait(auth.IdleLife)
	if alive(idle) {
		t.Error("an idle session lives")
	}
	busy := l.signIn(t, "amira")
	for begun := l.clock(); l.clock().Sub(begun) < auth.SessionLife-auth.IdleLife; l.wait(20 * time.Minute) {
		if !alive(busy) {
			t.Fatal("a busy session died early")
		}
	}
	l.wait(auth.IdleLife - time.Second)
	if alive(busy) {
		t.Error("a session outlives its twelve hours")
	}
	one, other := l.signIn(t, "amira"), l.signIn(t, "amira")
	if err := l.auth.SignOut(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if alive(one) || !alive(other) {
		t.Error("signing out ended the wrong session")
	}
	who, err := l.auth.Session(t.Context(), other, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.auth.SignOutEverywhere(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if alive(other) {
		t.Error("signing out everywhere left a session")
	}
}

func TestWatchingDoesNotKeepASessionAlive(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	secret := l.signIn(t, "amira")
	for range 4 {
		l.wait(10 * time.Minute)
		if _, err := l.auth.Watch(t.Context(), secret, ""); err != nil && !errors.Is(err, heed.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if _, err := l.auth.Watch(t.Context(), secret, ""); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a watched session answers %v after forty minutes", err)
	}
}

func TestASessionIsNoTokenAndATokenNoSession(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	session := l.signIn(t, "amira")
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Token(t.Context(), session); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a session as a token answers %v", err)
	}
	if _, err := l.auth.Session(t.Context(), token, ""); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a token as a session answers %v", err)
	}
	if who, err := l.auth.Token(t.Context(), token); err != nil || who.ID != amira.ID {
		t.Errorf("the token acts as %v, %v", who, err)
	}
	if !slices.Contains(l.acts(t), "token.created") {
		t.Error("making a token left no leaf")
	}
	bo := l.add(t, "bo", heed.Admin)
	if _, err := l.auth.CreateToken(t.Context(), bo, amira.ID, 0); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("an admin's token for somebody else answers %v", err)
	}
}

func TestANewPassphraseEndsWhatTheOldOneOpenedAndKeepsACustodiansKey(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Custodian)
	session := l.signIn(t, "amira")
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	const next = "quiet harbour nine violins"
	if _, err := l.auth.SetPassphrase(t.Context(), amira, "", "not it at all", next); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a wrong old passphrase answers %v", err)
	}
	fresh, err := l.auth.SetPassphrase(t.Context(), amira, "", passphrase, next)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{second(l.auth.Session(t.Context(), session, "")), second(l.auth.Token(t.Context(), token))} {
		if !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("an old secret answers %v", err)
		}
	}
	who, err := l.auth.Session(t.Context(), fresh, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenCustodianKey(who.CustodianPublic, who.CustodianPrivate, next); err != nil {
		t.Errorf("the new passphrase doesn't open the custodian's key: %v", err)
	}
	if string(who.CustodianPublic) != string(amira.CustodianPublic) {
		t.Error("the custodian has another key")
	}
}

func second(_ *heed.Staff, err error) error { return err }

func TestAClosedAccountIsOutAtOnce(t *testing.T) {
	l := newLine(t)
	admin, amira := l.add(t, "root", heed.Admin), l.add(t, "amira", heed.Specialist)
	session := l.signIn(t, "amira")
	if err := l.auth.SetDisabled(t.Context(), admin, admin.ID, true); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("closing one's own account answers %v", err)
	}
	if err := l.auth.SetDisabled(t.Context(), admin, amira.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Session(t.Context(), session, ""); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a session of a closed account answers %v", err)
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("signing in to a closed account answers %v", err)
	}
}
