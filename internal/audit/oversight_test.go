package audit_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// spanning sums how many leaves lie in the spans that were asked for: as many a store reads.
type spanning struct {
	heed.Tx
	read int
}

func (s *spanning) FindLeaves(ctx context.Context, q heed.AuditQuery) ([]*heed.AuditLeaf, error) {
	counts, err := s.CountActs(ctx, q.From, q.Until)
	if err != nil {
		return nil, err
	}
	for _, n := range counts {
		s.read += n
	}
	return s.Tx.FindLeaves(ctx, q)
}

func TestRatesAreCountedOfAllLeavesAndReadNoneManyTimes(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	from := time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(0, 0, 90)
	const apart, atOnce = 4000, 300 // reports: over the days, and in one moment, as an import has them
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		for i := range apart + atOnce {
			at := from.Add(time.Duration(min(i, apart)) * 30 * time.Minute)
			report := heed.NewID(at)
			for _, l := range []*heed.AuditLeaf{
				{Act: audit.ReportScreened, Details: []byte(`{"act":{"set_aside":true}}`)},
				{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"close"}}`)},
			} {
				l.At, l.Report = at, report
				if err := tx.AddLeaf(t.Context(), l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = store.View(t.Context(), func(tx heed.Tx) error {
		counted := &spanning{Tx: tx}
		rates, err := audit.CountRates(t.Context(), counted, from, until)
		if err != nil {
			return err
		}
		if rates.Screened != apart+atOnce || rates.SetAside != apart+atOnce || rates.AsideDecided != apart+atOnce || rates.AsideRelevant != 0 {
			t.Errorf("counted %+v", rates)
		}
		if leaves := 2 * (apart + atOnce); counted.read > 8*leaves {
			t.Errorf("%d leaves read for %d", counted.read, leaves)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheIntervalOfAShareIsWilsons(t *testing.T) {
	for _, c := range []struct {
		n, of     int
		low, high float64
	}{{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {1, 100, 0.0018, 0.0545}, {15, 148, 0.0624, 0.1605}} {
		low, high := audit.Wilson(c.n, c.of)
		if math.Abs(low-c.low) > 0.0001 || math.Abs(high-c.high) > 0.0001 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.n, c.of, low, high, c.low, c.high)
		}
	}
}

func TestWhatPeopleHadBeforeItsScreeningSaysNothingOfSettingAside(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	at := time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC)
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		for _, screened := range []string{`{"act":{"set_aside":true}}`, `{"act":{"set_aside":true,"late":true}}`} {
			report := heed.NewID(at)
			for _, l := range []*heed.AuditLeaf{
				{Act: audit.ReportScreened, Details: []byte(screened)},
				{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"refer"}}`)},
			} {
				l.At, l.Report = at, report
				if err := tx.AddLeaf(t.Context(), l); err != nil {
					return err
				}
			}
		}
		rates, err := audit.CountRates(t.Context(), tx, at, at.Add(time.Hour))
		if err == nil && (rates.Decided != 2 || rates.AsideDecided != 1 || rates.AsideRelevant != 1) {
			t.Errorf("counted %+v", rates)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARefusalIsCountedWithItsReasonsOnceTheSecondPersonAgrees(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	at := time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC)
	report := heed.NewID(at)
	for i, step := range []struct {
		leaf                        heed.AuditLeaf
		decided, confirmed, reasons int
	}{
		{heed.AuditLeaf{Act: audit.ReportScreened, Details: []byte(`{"act":{"refuse":true}}`)}, 0, 0, 0},
		{heed.AuditLeaf{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"refuse","state":"pending"}}`)}, 0, 0, 0},
		{heed.AuditLeaf{Act: audit.ReportApproved, Actor: "lea", Details: []byte(`{"act":{"kind":"refuse","state":"approved","rules":["belief"]}}`)}, 1, 1, 1},
	} {
		step.leaf.At, step.leaf.Report = at.Add(time.Duration(i)*time.Second), report
		err := store.Update(t.Context(), func(tx heed.Tx) error {
			if err := tx.AddLeaf(t.Context(), &step.leaf); err != nil {
				return err
			}
			rates, err := audit.CountRates(t.Context(), tx, at, at.Add(time.Hour))
			if err == nil && (rates.RefusalDecided != step.decided || rates.RefusalConfirmed != step.confirmed || rates.Rules["belief"] != step.reasons) {
				t.Errorf("after %s: %+v", step.leaf.Act, rates)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Otherwise a flood of one advert, linked as duplicates of its first, would look like so many reports that setting aside missed.
func TestADuplicateSaysOfSettingAsideWhatItsLeadDoes(t *testing.T) {
	for name, c := range map[string]struct {
		lead                             []heed.AuditLeaf
		aside, asideYes, blind, blindYes int
	}{
		"undecided": {nil, 0, 0, 0, 0},
		"closed":    {[]heed.AuditLeaf{{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"close"}}`)}}, 1, 0, 1, 0},
		"closed, of a category that a person gave it": {[]heed.AuditLeaf{
			{Act: audit.ReportCategory, Actor: "ann", Details: []byte(`{"act":{"from":"none","to":"hazard"}}`)},
			{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"close"}}`)},
		}, 1, 1, 1, 1},
		"closed, taken for none again": {[]heed.AuditLeaf{
			{Act: audit.ReportCategory, Actor: "ann", Details: []byte(`{"act":{"from":"none","to":"hazard"}}`)},
			{Act: audit.ReportCategory, Actor: "bob", Details: []byte(`{"act":{"from":"hazard","to":"none"}}`)},
			{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"close"}}`)},
		}, 1, 0, 1, 0},
		"referred": {[]heed.AuditLeaf{{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(`{"act":{"kind":"refer"}}`)}}, 1, 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			at := time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC)
			lead := heed.NewID(at)
			err = store.Update(t.Context(), func(tx heed.Tx) error {
				add := func(report heed.ID, l heed.AuditLeaf) error {
					l.At, l.Report = at, report
					return tx.AddLeaf(t.Context(), &l)
				}
				for _, screened := range []string{`{"act":{"set_aside":true}}`, `{"act":{"set_aside":true,"blind":true}}`} {
					copied := heed.NewID(at)
					if err := add(copied, heed.AuditLeaf{Act: audit.ReportScreened, Details: []byte(screened)}); err != nil {
						return err
					}
					linked := []byte(`{"act":{"kind":"duplicate","lead":"` + string(lead) + `"}}`)
					if err := add(copied, heed.AuditLeaf{Act: audit.ReportDisposed, Actor: "ann", Details: linked}); err != nil {
						return err
					}
				}
				for _, l := range c.lead {
					if err := add(lead, l); err != nil {
						return err
					}
				}
				rates, err := audit.CountRates(t.Context(), tx, at, at.Add(time.Hour))
				if err == nil && (rates.AsideDecided != c.aside || rates.AsideRelevant != c.asideYes || rates.BlindDecided != c.blind || rates.BlindRelevant != c.blindYes) {
					t.Errorf("counted %+v", rates)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
