package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/heed-line/heed"
)

// Rates are how often people decided otherwise than the machine proposed, and who approved whose decisions, in a span of time:
// counts with what they are counted of. A report counts where it was screened within the span.
type Rates struct {
	Screened, Failed int // reports; Failed reached people unscreened
	Decided          int // of those screened, how many somebody decided about, within the span
	Category         int // of Screened: a person changed the category
	Raised, Lowered  int // of Screened: a person changed the urgency so in the end
	// SetAside were proposed as irrelevant; of these people decided AsideDecided, and AsideRelevant was referred or held, or closed after a
	// person gave it a category that isn't "none": neither counts what people had before it was screened. A duplicate is decided with its
	// lead, and like it.
	SetAside, AsideDecided, AsideRelevant int
	// Blind are those of SetAside that were queued all the same, for somebody to read who isn't told; they count in neither of the
	// other two. Of BlindDecided, BlindRelevant were found relevant in the same way: see Missed.
	Blind, BlindDecided, BlindRelevant int
	// Drawn are those of SetAside of which the blind ones are drawn. Of those that weren't set aside OtherRelevant were found relevant in
	// the same way, and about OtherOpen nobody decided. None of the three counts what people had before it was screened.
	Drawn, OtherRelevant, OtherOpen int
	// RefusalProposed are the machine's; of these people decided RefusalDecided, and RefusalConfirmed so.
	RefusalProposed, RefusalDecided, RefusalConfirmed int
	RefusalUnproposed                                 int            // refused by people though the machine had not proposed it
	Rules                                             map[string]int // why the machine had proposed what was then refused
	Pairs                                             map[Pair]Second
}

// Pair is who decided and who was the second person.
type Pair struct{ First, Second heed.ID }

// Second is what second persons did.
type Second struct{ Approved, Declined int }

// rated is one report as far as its leaves tell.
type rated struct {
	screened, failed, aside, blind, late, refusal bool
	category                                      string       // the last that a person gave it; "" where none did
	from, to                                      heed.Urgency // as people changed it
	decided                                       heed.DispositionKind
	lead                                          heed.ID // where that is a duplicate
	rules                                         []string
}

// ratedActs are the acts whose leaves tell.
var ratedActs = [...]string{
	ReportScreened, ReportCategory, ReportUrgency, ReportDisposed, ReportUndone, ReportApproved, ReportDeclined,
}

const (
	// maxPage is the most leaves that a store gives at once.
	maxPage = 200
	// leastSpan may hold more leaves than that: an import's.
	leastSpan = time.Second
)

// CountRates reads the leaves of [from, until).
func CountRates(ctx context.Context, tx interface {
	heed.AuditTx
	heed.DispositionTx
}, from, until time.Time) (*Rates, error) {
	out := &Rates{Rules: map[string]int{}, Pairs: map[Pair]Second{}}
	reports := map[heed.ID]*rated{}
	err := eachRated(ctx, tx, from, until, func(l *heed.AuditLeaf) error { return out.take(ctx, tx, reports, l) })
	if err != nil {
		return nil, fmt.Errorf("count rates: %w", err)
	}
	for _, r := range reports {
		out.count(r, ending(reports, r))
	}
	return out, nil
}

// eachRated gives the leaves of [from, until) whose acts tell, the oldest first. A store reads and sorts all that a question spans
// for each of its pages: so it goes by spans that fit into one, as long as the leaves lie apart.
func eachRated(ctx context.Context, tx heed.AuditTx, from, until time.Time, give func(*heed.AuditLeaf) error) error {
	for span := leastSpan; from.Before(until); {
		q := heed.AuditQuery{Acts: ratedActs[:], From: from, Until: from.Add(span), Limit: maxPage}
		if q.Until.After(until) {
			q.Until = until
		}
		page, err := tx.FindLeaves(ctx, q)
		if err != nil {
			return err
		}
		if len(page) == maxPage && span > leastSpan {
			span /= 2
			continue
		}
		all := page
		for len(page) == maxPage {
			q.Before = page[len(page)-1].Seq
			if page, err = tx.FindLeaves(ctx, q); err != nil {
				return err
			}
			all = append(all, page...)
		}
		for i := len(all) - 1; i >= 0; i-- { // the newest came first
			if err := give(all[i]); err != nil {
				return err
			}
		}
		from, span = q.Until, 2*span
	}
	return nil
}

// ratedDetails are what those leaves hold, whichever they are.
type ratedDetails struct {
	Act struct {
		Failed      bool                  `json:"failed"`
		SetAside    bool                  `json:"set_aside"`
		Blind       bool                  `json:"blind"`
		Late        bool                  `json:"late"`
		Refuse      bool                  `json:"refuse"`
		From        string                `json:"from"`
		To          string                `json:"to"`
		Kind        heed.DispositionKind  `json:"kind"`
		State       heed.DispositionState `json:"state"`
		Referral    heed.ID               `json:"referral"`
		Lead        heed.ID               `json:"lead"`
		Rules       []string              `json:"rules"`
		Disposition heed.ID               `json:"disposition"`
	} `json:"act"`
}

func (o *Rates) take(ctx context.Context, tx heed.DispositionTx, reports map[heed.ID]*rated, l *heed.AuditLeaf) error {
	var d ratedDetails
	if err := json.Unmarshal(l.Details, &d); err != nil {
		return nil // a leaf that isn't ours tells nothing; the verifier tells of it
	}
	r := reports[l.Report]
	if r == nil {
		r = &rated{}
		reports[l.Report] = r
	}
	if d.Act.Kind == heed.Erase { // years after what the rates are of; only who agreed with whom tells
		if l.Act == ReportApproved || l.Act == ReportDeclined {
			return o.second(ctx, tx, l, d.Act.Disposition)
		}
		return nil
	}
	switch l.Act {
	case ReportScreened:
		r.screened, r.failed, r.aside, r.blind, r.late, r.refusal = true, d.Act.Failed, d.Act.SetAside, d.Act.Blind, d.Act.Late, d.Act.Refuse
	case ReportCategory:
		r.category = d.Act.To
	case ReportUrgency:
		if l.Actor == "" { // a later message raised it
			return nil
		}
		if r.from == "" {
			r.from = heed.Urgency(d.Act.From)
		}
		r.to = heed.Urgency(d.Act.To)
	case ReportDisposed:
		r.lead = d.Act.Lead
		if d.Act.State == heed.Pending && d.Act.Referral == "" {
			return nil // nothing has happened until a second person agrees
		}
		r.decided, r.rules = d.Act.Kind, d.Act.Rules
	case ReportUndone:
		r.decided, r.rules = "", nil
	case ReportDeclined:
		r.decided, r.rules = "", nil
		return o.second(ctx, tx, l, d.Act.Disposition)
	case ReportApproved:
		if r.decided = d.Act.Kind; r.decided == heed.Refuse {
			r.rules = d.Act.Rules
		}
		return o.second(ctx, tx, l, d.Act.Disposition)
	}
	return nil
}

// second counts a second person's word.
func (o *Rates) second(ctx context.Context, tx heed.DispositionTx, l *heed.AuditLeaf, id heed.ID) error {
	all, err := tx.Dispositions(ctx, l.Report)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.ID != id {
			continue
		}
		p := Pair{d.By, l.Actor}
		n := o.Pairs[p]
		if l.Act == ReportApproved {
			n.Approved++
		} else {
			n.Declined++
		}
		o.Pairs[p] = n
	}
	return nil
}

// ending is the report with which it was decided in the end: itself, or the lead of a duplicate. nil where nothing was, or where the
// lead's leaves don't tell.
func ending(reports map[heed.ID]*rated, r *rated) *rated {
	if r.decided == heed.LinkDuplicate {
		r = reports[r.lead]
	}
	if r == nil || r.decided == "" || r.decided == heed.LinkDuplicate { // it was linked later, when nothing hung on it any more
		return nil
	}
	return r
}

// relevant says that people found that somebody could act on the report. Of what they closed it says what screening learns from it.
func (r *rated) relevant() bool {
	switch r.decided {
	case heed.Refuse:
		return false
	case heed.Close:
		return r.category != "" && r.category != "none"
	}
	return true
}

func (o *Rates) count(r, end *rated) {
	refused := r.decided == heed.Refuse
	if refused {
		for _, rule := range r.rules {
			o.Rules[rule]++
		}
	}
	if !r.screened {
		return
	}
	decided := r.decided != ""
	add := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	o.Screened++
	add(&o.Failed, r.failed)
	add(&o.Decided, decided)
	add(&o.Category, r.category != "")
	add(&o.Raised, r.to.Rank() < r.from.Rank() && r.to != "")
	add(&o.Lowered, r.to.Rank() > r.from.Rank() && r.to != "")
	add(&o.SetAside, r.aside)
	ended := end != nil
	relevant := ended && end.relevant()
	add(&o.AsideDecided, r.aside && !r.blind && !r.late && ended)
	add(&o.AsideRelevant, r.aside && !r.blind && !r.late && relevant)
	add(&o.Blind, r.blind)
	add(&o.BlindDecided, r.blind && ended)
	add(&o.BlindRelevant, r.blind && relevant)
	add(&o.Drawn, r.aside && !r.late)
	add(&o.OtherRelevant, !r.aside && !r.late && relevant)
	add(&o.OtherOpen, !r.aside && !r.late && !ended)
	add(&o.RefusalProposed, r.refusal)
	add(&o.RefusalDecided, r.refusal && decided)
	add(&o.RefusalConfirmed, r.refusal && refused)
	add(&o.RefusalUnproposed, !r.refusal && refused)
}

// Wilson is the interval of a share that n of of shows, with 95% confidence (Wilson, Journal of the American Statistical
// Association 22 (1927), 209–212). 0 and 1 where of is 0.
func Wilson(n, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.959964
	total, p := float64(of), float64(n)/float64(of)
	middle := (p + z*z/(2*total)) / (1 + z*z/total)
	half := z / (1 + z*z/total) * math.Sqrt(p*(1-p)/total+z*z/(4*total*total))
	return max(0, middle-half), min(1, middle+half)
}
