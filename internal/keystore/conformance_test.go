package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	heed "github.com/heed-line/heed"
)

// testKeystore holds an engine to the words of Keystore. open gives a fresh, empty keystore and what opens the same one
// again, as after a restart.
func testKeystore(t *testing.T, open func(t *testing.T) (ks Keystore, reopen func() Keystore)) {
	ctx := context.Background()
	put := func(t *testing.T, ks Keystore, name, value string) {
		t.Helper()
		if err := ks.Put(ctx, name, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(t *testing.T, ks Keystore, name, value string) {
		t.Helper()
		if b, err := ks.Get(ctx, name); err != nil || string(b) != value {
			t.Fatalf("Get(%s) = %q, %v; want %q", name, b, err, value)
		}
	}
	t.Run("AValueIsThereAfterARestart", func(t *testing.T) {
		ks, reopen := open(t)
		put(t, ks, "day/2026-11-23/transit.aa", "secret")
		wants(t, ks, "day/2026-11-23/transit.aa", "secret")
		wants(t, reopen(), "day/2026-11-23/transit.aa", "secret")
	})
	t.Run("WhatWasNeverStoredIsNotFound", func(t *testing.T) {
		ks, _ := open(t)
		if _, err := ks.Get(ctx, "content"); !errors.Is(err, heed.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("CreateNeverReplaces", func(t *testing.T) {
		ks, _ := open(t)
		if err := ks.Create(ctx, "content", []byte("first")); err != nil {
			t.Fatal(err)
		}
		if err := ks.Create(ctx, "content", []byte("second")); !errors.Is(err, heed.ErrConflict) {
			t.Fatalf("got %v", err)
		}
		wants(t, ks, "content", "first")
	})
	t.Run("OfManyWhoCreateOneNameExactlyOneSucceeds", func(t *testing.T) {
		ks, reopen := open(t)
		testCreateRace(t, ks, reopen())
	})
	t.Run("PutReplaces", func(t *testing.T) {
		ks, reopen := open(t)
		put(t, ks, "content", "a longer first value")
		put(t, ks, "content", "second")
		wants(t, ks, "content", "second")
		wants(t, reopen(), "content", "second")
	})
	t.Run("ADeletedValueIsGoneForGoodAndDeletingItTwiceIsNoError", func(t *testing.T) {
		ks, reopen := open(t)
		put(t, ks, "content", "secret")
		for range 2 {
			if err := ks.Delete(ctx, "content"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := reopen().Get(ctx, "content"); !errors.Is(err, heed.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		if names, err := ks.List(ctx, ""); err != nil || len(names) > 0 {
			t.Fatalf("still listed: %v, %v", names, err)
		}
	})
	t.Run("ListGivesTheNamesUnderAPrefixInOrder", func(t *testing.T) {
		ks, _ := open(t)
		for _, n := range []string{"day/b/x", "day/a/y", "content", "day/a/x", "daylight"} {
			put(t, ks, n, "v")
		}
		names, err := ks.List(ctx, "day/")
		if want := []string{"day/a/x", "day/a/y", "day/b/x"}; err != nil || !slices.Equal(names, want) {
			t.Fatalf("got %v, %v", names, err)
		}
	})
	t.Run("PutBesideStoresOnlyWhileTheOtherIsThere", func(t *testing.T) {
		ks, _ := open(t)
		if err := ks.PutBeside(ctx, "day/a/of-eve", []byte("v"), "day/a/of-dana"); !errors.Is(err, heed.ErrNotFound) {
			t.Fatalf("beside nothing: %v", err)
		}
		put(t, ks, "day/a/of-dana", "hers")
		for _, value := range []string{"first", "second"} {
			if err := ks.PutBeside(ctx, "day/a/of-eve", []byte(value), "day/a/of-dana"); err != nil {
				t.Fatal(err)
			}
			wants(t, ks, "day/a/of-eve", value)
		}
		wants(t, ks, "day/a/of-dana", "hers")
		if err := ks.Delete(ctx, "day/a/of-dana"); err != nil {
			t.Fatal(err)
		}
		if err := ks.PutBeside(ctx, "day/a/of-bo", []byte("v"), "day/a/of-dana"); !errors.Is(err, heed.ErrNotFound) {
			t.Fatalf("beside what is destroyed: %v", err)
		}
		if names, err := ks.List(ctx, ""); err != nil || !slices.Equal(names, []string{"day/a/of-eve"}) {
			t.Fatalf("got %v, %v", names, err)
		}
	})
	t.Run("WhoDestroysADayFindsAllThatWasPutBesideItAndNothingComesAfter", func(t *testing.T) {
		ks, reopen := open(t)
		other := reopen()
		for range 5 {
			testPutBesideRace(t, ks, other)
		}
	})
	t.Run("ANameThatCouldLeaveItsPlaceIsRefused", func(t *testing.T) {
		ks, _ := open(t)
		testNames(t, ks)
	})
	t.Run("AnEmptyOrHugeValueIsRefused", func(t *testing.T) {
		ks, _ := open(t)
		for _, v := range [][]byte{nil, make([]byte, maxValue+1)} {
			if err := ks.Put(ctx, "content", v); !errors.Is(err, heed.ErrInvalid) {
				t.Fatalf("%d bytes: %v", len(v), err)
			}
		}
	})
	t.Run("AnEndedContextStopsEverything", func(t *testing.T) {
		ks, _ := open(t)
		testEndedContext(t, ks)
	})
}

func testCreateRace(t *testing.T, handles ...Keystore) {
	ctx := context.Background()
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() { errs[i] = handles[i%len(handles)].Create(ctx, "pepper", bytes.Repeat([]byte{byte(i)}, 32)) })
	}
	wg.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Fatalf("%d and %d both created it", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, heed.ErrConflict):
			t.Fatal(err)
		}
	}
	got, err := handles[0].Get(ctx, "pepper")
	if err != nil || winner < 0 || got[0] != byte(winner) {
		t.Fatalf("winner %d, stored %v, %v", winner, got, err)
	}
}

// testPutBesideRace has many lay a seed beside one while another process destroys the day.
func testPutBesideRace(t *testing.T, sharing, destroying Keystore) {
	ctx := context.Background()
	if err := sharing.Put(ctx, "day/a/first", []byte("seed")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			err := sharing.PutBeside(ctx, fmt.Sprint("day/a/further-", i), []byte("seed"), "day/a/first")
			if err != nil && !errors.Is(err, heed.ErrNotFound) && !errors.Is(err, heed.ErrSealed) {
				t.Error(err)
			}
		})
	}
	for {
		names, err := destroying.List(ctx, "day/")
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 0 {
			break
		}
		for _, name := range names {
			if err := destroying.Delete(ctx, name); err != nil {
				t.Fatal(err)
			}
		}
	}
	wg.Wait()
	if names, err := destroying.List(ctx, ""); err != nil || len(names) > 0 {
		t.Fatalf("came after the destruction: %v, %v", names, err)
	}
}

func testNames(t *testing.T, ks Keystore) {
	ctx := context.Background()
	for _, n := range []string{"", "..", "../content", "day/../../content", "/content", "content/", "a//b", ".lock", "a/.b",
		"a b", "a=b", "a\\b", "a\x00b", "naïve", strings.Repeat("a", maxName+1), "a/b/c/d/e/f/g/h/i"} {
		_, getErr := ks.Get(ctx, n)
		for what, err := range map[string]error{"Get": getErr, "Put": ks.Put(ctx, n, []byte("v")),
			"Create": ks.Create(ctx, n, []byte("v")), "Delete": ks.Delete(ctx, n),
			"PutBeside": ks.PutBeside(ctx, n, []byte("v"), "content"), "PutBeside it": ks.PutBeside(ctx, "content", []byte("v"), n)} {
			if !errors.Is(err, heed.ErrInvalid) {
				t.Errorf("%s(%q): %v", what, n, err)
			}
		}
	}
}

func testEndedContext(t *testing.T, ks Keystore) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, getErr := ks.Get(ctx, "content")
	_, listErr := ks.List(ctx, "")
	for i, err := range []error{getErr, listErr, ks.Put(ctx, "content", []byte("v")), ks.Create(ctx, "content", []byte("v")),
		ks.Delete(ctx, "content"), ks.PutBeside(ctx, "content", []byte("v"), "audit")} {
		if !errors.Is(err, context.Canceled) {
			t.Error(fmt.Sprint(i, ": "), err)
		}
	}
}
