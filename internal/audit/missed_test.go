package audit_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

func TestWhatSettingAsideMissesIsEstimatedFromTheBlindSample(t *testing.T) {
	const refer, closed = `{"act":{"kind":"refer"}}`, `{"act":{"kind":"close"}}`
	onBothStores(t, func(t *testing.T, q *sequence) {
		at := q.host
		var rates *audit.Rates
		q.must(q.store.Update(t.Context(), func(tx heed.Tx) (err error) {
			for _, batch := range []struct {
				n                  int
				screened, disposed string
			}{
				{2, `{"act":{"set_aside":true,"blind":true}}`, refer},
				{8, `{"act":{"set_aside":true,"blind":true}}`, closed},
				{1, `{"act":{"set_aside":true,"blind":true}}`, ""},
				{3, `{"act":{"set_aside":true}}`, refer}, // fished out of the list
				{5, `{"act":{"set_aside":true}}`, closed},
				{81, `{"act":{"set_aside":true}}`, ""},
				{7, `{"act":{"set_aside":true,"late":true}}`, refer}, // people had them before
				{4, `{"act":{"late":true}}`, refer},
				{60, `{"act":{}}`, refer},
				{30, `{"act":{}}`, closed},
				{20, `{"act":{}}`, ""},
				{9, `{"act":{"refuse":true}}`, `{"act":{"kind":"refuse"}}`},
			} {
				for range batch.n {
					report := heed.NewID(at)
					leaves := []*heed.AuditLeaf{{Act: audit.ReportScreened, Details: []byte(batch.screened)}}
					if batch.disposed != "" {
						leaves = append(leaves, &heed.AuditLeaf{Act: audit.ReportDisposed, Actor: "ann", Details: []byte(batch.disposed)})
					}
					for _, l := range leaves {
						l.At, l.Report = at, report
						if err := tx.AddLeaf(t.Context(), l); err != nil {
							return err
						}
					}
				}
			}
			rates, err = audit.CountRates(t.Context(), tx, at, at.Add(time.Second))
			return err
		}))
		if rates.Drawn != 100 || rates.OtherRelevant != 60 || rates.OtherOpen != 20 {
			t.Errorf("counted %+v", rates)
		}
		// 2 of 10 drawn of 100: counted out, 3 to 54 may be; 5 are known.
		got, told := rates.Missed()
		want := audit.Missed{Of: 100, Reports: 20, ReportsLow: 5, ReportsHigh: 54, Found: 5, Share: 0.25, ShareLow: 5.0 / 85, ShareHigh: 54.0 / 114}
		if !told || got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestNothingIsSaidOfWhatIsMissedBeforeSomebodyReadBlind(t *testing.T) {
	for _, r := range []audit.Rates{{}, {SetAside: 40, Drawn: 40, Blind: 2, OtherRelevant: 300}} {
		if m, told := r.Missed(); told {
			t.Errorf("%+v tells %+v", r, m)
		}
	}
	m, told := (&audit.Rates{Drawn: 40, BlindDecided: 2}).Missed()
	if !told || m.Reports != 0 || m.Share != 0 || m.ShareLow != 0 || m.ShareHigh != 1 || m.ReportsHigh != 33 {
		t.Errorf("nobody found anything relevant: %+v", m)
	}
	m, told = (&audit.Rates{Drawn: 3, BlindDecided: 3, BlindRelevant: 1, OtherRelevant: 9}).Missed()
	if !told || m.ReportsLow != 1 || m.ReportsHigh != 1 || m.Share != 0.1 || m.ShareLow != 0.1 || m.ShareHigh != 0.1 {
		t.Errorf("all were read: %+v", m)
	}
}

// The draw is by chance, report by report, as the screening's is; of those drawn, not all are read yet, and of the queue neither.
func TestTheIntervalOfWhatIsMissedHoldsTheTruthAtLeastAsOftenAsItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 9))
	const times = 3000
	for _, c := range []struct {
		aside, relevant, others int
		read                    float64 // the share of the drawn that are decided
	}{{4000, 10, 990, 1}, {4000, 40, 400, 0.7}, {600, 60, 300, 1}, {600, 3, 297, 0.8}, {150, 75, 75, 1}, {1000, 0, 100, 1}} {
		held, said := 0, 0
		truth := float64(c.relevant) / float64(c.relevant+c.others)
		for range times {
			r := audit.Rates{Drawn: c.aside}
			for i := range c.aside {
				relevant := 0
				if i < c.relevant {
					relevant = 1
				}
				switch draw := random.Float64(); {
				case draw < 0.05*c.read:
					r.BlindDecided++
					r.BlindRelevant += relevant
				case draw > 0.99:
					r.AsideRelevant += relevant // somebody looked into the list
				}
			}
			for range c.others {
				if random.Float64() < 0.9 {
					r.OtherRelevant++
				} else {
					r.OtherOpen++
				}
			}
			m, told := r.Missed()
			if !told {
				continue
			}
			said++
			if m.ReportsLow <= c.relevant && c.relevant <= m.ReportsHigh && m.ShareLow <= truth+1e-12 && truth-1e-12 <= m.ShareHigh {
				held++
			}
		}
		// So many would hold with a chance of one in a thousand if only 95 of 100 did: it is seeded, and always the same.
		if least := 0.95 - 3.1*math.Sqrt(0.95*0.05/float64(said)); said < times/2 || float64(held) < least*float64(said) {
			t.Errorf("%+v: held %d of %d times", c, held, said)
		}
		t.Logf("%+v: held in %.3f of %d", c, float64(held)/float64(said), said)
	}
}
