package review

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

// blindShare is of how many set-aside reports one is read again blind: by somebody who isn't told that the machine would set
// it aside. Of those the line knows how often it would have set aside what people act on.
const blindShare = calibrate.BlindShare

// drawBlind says for one report whether it is read blind, at random.
func drawBlind() bool {
	var b [8]byte
	rand.Read(b[:])                                         // never fails: it ends the program instead
	return binary.NativeEndian.Uint64(b[:])%blindShare == 0 // 2^64 isn't a multiple of 20; what that shifts is past measuring
}

// withhold keeps from the reader what the machine thinks of a report's relevance, wherever it thinks that nobody could act on it
// and yet the report was queued: there the blind sample hides among those that were only doubted. Once somebody
// decided whether to act on it, everything shows; a hold or a question leaves that open. Why it isn't urgent tells it too: a word of an advert.
func (v *View) withhold() {
	sc := v.Screening
	if sc == nil || sc.Refuse || sc.Category != "none" || slices.ContainsFunc(v.Dispositions, judges) || !undecided(v.Report) {
		return
	}
	said := *sc
	said.Relevance, said.SetAside, said.CategoryProbability = 0.5, false, 0
	said.Reasons = slices.DeleteFunc(slices.Clone(sc.Reasons), func(r heed.Reason) bool {
		return r.For == "relevance" || r.For == "set_aside" || r.For == "category" || r.For == "urgency" && said.Urgency == heed.Low
	})
	v.hideAside(&said)
	v.Screening, v.Withheld = &said, true
	for i, e := range v.History {
		if e.Act == audit.ReportScreened {
			v.History[i].Details = json.RawMessage(`{}`)
		}
	}
}

// hideAside takes out of what the reader is told what else was set aside and is like the report: whoever opened such a copy would read there
// what the machine thinks of this one, and whoever hung the report on it would leave the answer to somebody who was told.
func (v *View) hideAside(said *heed.Screening) {
	aside := func(m heed.Match) bool {
		r := v.Similar[m.ID]
		return r != nil && (r.State == heed.SetAside || r.ClaimFrom == heed.SetAside)
	}
	if len(said.Similar) > 0 && aside(said.Similar[0]) { // the reasons are for the nearest
		said.Reasons = slices.DeleteFunc(said.Reasons, func(r heed.Reason) bool { return r.For == "duplicate" && r.Rule != screening.CampaignRule })
	}
	said.Similar = slices.DeleteFunc(slices.Clone(said.Similar), aside)
	shown := func(m heed.Match) bool { return said.DuplicateOf != nil && m.ID == *said.DuplicateOf }
	if !slices.ContainsFunc(said.Similar, shown) {
		said.DuplicateOf = nil
	}
}

// judges says that a decision, undone or not, was about whether the report is anything to act on.
func judges(d Disposition) bool {
	return slices.Contains([]heed.DispositionKind{heed.Refer, heed.Close, heed.LinkDuplicate, heed.Refuse}, d.Kind)
}

// undecided says that a report is open, and wasn't taken from among those set aside, whose list tells what the machine thinks.
func undecided(r *heed.Report) bool {
	return r.State.Open() && r.State != heed.SetAside && r.ClaimFrom != heed.SetAside
}
