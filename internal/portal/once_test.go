package portal

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoSendsAFormAgainWaitsForWhatBecomesOfTheFirst(t *testing.T) {
	for _, fault := range []error{nil, errors.New("the disk is full")} {
		synctest.Test(t, func(t *testing.T) {
			o := newOnce(time.Now)
			goOn := make(chan struct{})
			type result struct {
				ours bool
				err  error
			}
			first, second := make(chan result, 1), make(chan result, 1)
			go func() {
				ours, err := o.do(t.Context(), "form", func() error { <-goOn; return fault })
				first <- result{ours, err}
			}()
			synctest.Wait()
			go func() {
				ours, err := o.do(t.Context(), "form", func() error { t.Error("carried out twice"); return nil })
				second <- result{ours, err}
			}()
			synctest.Wait() // until it can do nothing but wait
			if len(second) != 0 {
				t.Errorf("the second didn't wait: %+v", <-second)
			}
			close(goOn)
			if r := <-first; !r.ours || !errors.Is(r.err, fault) {
				t.Errorf("the first: %+v", r)
			}
			if r := <-second; r.ours || !errors.Is(r.err, fault) {
				t.Errorf("the second: %+v", r)
			}
		})
	}
}

func TestWhoSendsAFormAgainTakesThePlaceOfOneWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOnce(time.Now)
		ctx, leave := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := o.do(ctx, "form", func() error { <-ctx.Done(); return ctx.Err() })
			first <- err
		}()
		synctest.Wait()
		carried := 0 // one after another: each ends before the next begins
		rest := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := o.do(t.Context(), "form", func() error { carried++; return nil })
				rest <- err
			}()
		}
		synctest.Wait()
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		for range 3 {
			if err := <-rest; err != nil {
				t.Errorf("who stayed: %v", err)
			}
		}
		if carried != 1 {
			t.Errorf("carried out %d times", carried)
		}
	})
}
