package desk

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

// ratesPage shows how often people decided otherwise than the machine proposed, and who approves whom.
type ratesPage struct {
	frame
	Sections []option
	Spans    []option
	Days     int
	Aside    string // what may be set aside, in words
	Missed   string // and what that misses; "" where nothing was
	Broken   bool   // Missed is more than promised
	Rates    []rate
	Rules    []counted
	Pairs    []pairRow
	Exposure string // what all uncovered together, in words; "" where too few did
}

// rate is a count with what it is counted of.
type rate struct {
	Words string
	N, Of int
	Share string
}

type counted struct {
	Words string
	N     int
}

type pairRow struct {
	First, Second      string
	Approved, Declined int
}

// spans are the days that may be looked back on; more would read too many leaves at once.
var spans = []int{7, 30, 90}

func (d *Desk) rates(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := ratesPage{frame: d.frame(r, me), Days: 30}
	page.Sections = sections(page.frame, "/audit/rates")
	if n, err := strconv.Atoi(r.URL.Query().Get("days")); err == nil && slices.Contains(spans, n) {
		page.Days = n
	}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	for _, n := range spans {
		page.Spans = append(page.Spans, option{ID: strconv.Itoa(n), Label: s.T("time.days", "Count", n), Chosen: n == page.Days})
	}
	var found *audit.Rates
	now := d.Now()
	err = d.Store.View(r.Context(), func(tx heed.Tx) (err error) {
		if page.Aside, err = d.asideWords(r.Context(), tx, s); err != nil {
			return err
		}
		found, err = audit.CountRates(r.Context(), tx, now.AddDate(0, 0, -page.Days), now)
		return err
	})
	if err != nil {
		return err
	}
	page.fill(s, found)
	page.Missed, page.Broken = missedWords(s, found, calibrate.Bound{Share: d.Profile.Screening.SetAside.Missed, Confidence: d.Profile.Screening.SetAside.Confidence})
	all, told, err := d.Review.ExposureTotal(r.Context(), me)
	if err != nil {
		return err
	}
	if told {
		page.Exposure = uncoveredWords(page.frame, all)
	}
	return d.site.Render(w, http.StatusOK, "rates", page)
}

// asideWords says what may be set aside, and on what that rests.
func (d *Desk) asideWords(ctx context.Context, tx heed.SettingTx, s speaker) (string, error) {
	t, aside, err := d.Review.SetsAside(ctx, tx)
	asked := d.Profile.Screening.SetAside
	switch {
	case err != nil:
		return "", err
	case asked.Missed == 0:
		return s.T("audit.aside-off"), nil
	case aside.Below > 0:
		return s.T("audit.aside-under", "Below", s.percent(aside.Below), "Confidence", s.percent(asked.Confidence), "Missed", s.percent(asked.Missed),
			"Reports", t.Reports, "Largest", s.percent(t.Largest)), nil
	case t.Evidence >= t.Needed && t.Needed > 0 && t.Below > 0:
		return s.T("audit.aside-stale"), nil
	case t.Evidence >= t.Needed && t.Needed > 0:
		return s.T("audit.aside-none"), nil
	}
	needed := calibrate.Needed(calibrate.Bound{Share: asked.Missed, Confidence: asked.Confidence})
	return s.T("audit.aside-few", "Evidence", t.Evidence, "Needed", needed), nil
}

// missedWords says how many relevant reports setting aside misses beside what the line promises of it, and whether that is kept as far as
// the blind sample tells.
func missedWords(s speaker, found *audit.Rates, promised calibrate.Bound) (words string, broken bool) {
	if found.Drawn == 0 {
		return "", false
	}
	m, told := found.Missed()
	if !told {
		return s.T("audit.missed-unread"), false
	}
	words = s.T("audit.missed", "Of", m.Of, "Reports", int(math.Round(m.Reports)), "Low", m.ReportsLow, "High", m.ReportsHigh, "Found", m.Found,
		"Share", s.percent(m.Share), "ShareLow", s.percent(m.ShareLow), "ShareHigh", s.percent(m.ShareHigh))
	if promised.Share == 0 {
		return words, false
	}
	verdict := "audit.missed-open"
	switch {
	case m.ShareLow > promised.Share:
		verdict, broken = "audit.missed-broken", true
	case m.ShareHigh <= promised.Share:
		verdict = "audit.missed-kept"
	}
	return words + " " + s.T(verdict, "Missed", s.percent(promised.Share), "Confidence", s.percent(promised.Confidence)), broken
}

func (p *ratesPage) fill(s speaker, found *audit.Rates) {
	for _, line := range []struct {
		key   string
		n, of int
	}{
		{"failed", found.Failed, found.Screened}, {"decided", found.Decided, found.Screened}, {"category", found.Category, found.Screened},
		{"raised", found.Raised, found.Screened}, {"lowered", found.Lowered, found.Screened},
		{"aside", found.SetAside, found.Screened}, {"aside-relevant", found.AsideRelevant, found.AsideDecided},
		{"blind", found.BlindDecided, found.Blind}, {"blind-relevant", found.BlindRelevant, found.BlindDecided},
		{"refusal", found.RefusalProposed, found.Screened}, {"refusal-confirmed", found.RefusalConfirmed, found.RefusalDecided},
		{"refusal-unproposed", found.RefusalUnproposed, found.Decided},
	} {
		row := rate{Words: s.T("audit.rate-" + line.key), N: line.n, Of: line.of, Share: "–"}
		if line.of > 0 {
			row.Share = s.percent(float64(line.n) / float64(line.of))
		}
		if line.key == "blind-relevant" && line.of > 0 {
			low, high := audit.Wilson(line.n, line.of)
			row.Share += s.T("audit.interval", "Low", s.percent(low), "High", s.percent(high))
		}
		p.Rates = append(p.Rates, row)
	}
	for rule, n := range found.Rules {
		p.Rules = append(p.Rules, counted{s.rule(rule), n})
	}
	slices.SortFunc(p.Rules, func(a, b counted) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Words, b.Words)) })
	for pair, n := range found.Pairs {
		p.Pairs = append(p.Pairs, pairRow{s.who(pair.First), s.who(pair.Second), n.Approved, n.Declined})
	}
	slices.SortFunc(p.Pairs, func(a, b pairRow) int {
		return cmp.Or(cmp.Compare(b.Approved+b.Declined, a.Approved+a.Declined), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
}
