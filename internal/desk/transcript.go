package desk

import (
	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/review"
)

// fileView is a file of a report with what a machine heard or read in it.
type fileView struct {
	review.File
	Transcript *transcriptView // nil where there is none
	Unheard    bool            // the engine gave none
	Seen       []similarView   // in other reports
	Withheld   string          // what to do with a file that nobody is to see; "" for every other
	Barred     bool            // nobody is to see it, or to have it as it was sent: asking for that would end in nothing
}

// transcriptView is what a machine heard, for people to read beside the sound.
type transcriptView struct {
	Words []marked
	Lang  string
	Made  string // by which model
	Heard bool   // and not read
	Cut   bool
}

func (s speaker) files(p place, v *review.View) (out []fileView) {
	for _, f := range v.Files {
		one := fileView{File: f, Transcript: s.transcript(v, &f), Unheard: f.Copy != nil && f.Copy.TranscriptCode != "", Seen: s.seen(p, v, &f)}
		if f.CopyCode == heed.CopyWithheld {
			one.Withheld = s.profile.KnownFiles.Route.In(s.Lang())
		}
		one.Barred = f.CopyCode == heed.CopyWithheld || s.profile.KnownFiles.Abuse != "" && identity.HeldByBytesAlone(&f.Attachment, f.CopyCode)
		out = append(out, one)
	}
	return out
}

// seen is where else a file was seen.
func (s speaker) seen(p place, v *review.View, f *review.File) (out []similarView) {
	for _, other := range f.Seen {
		kind := "desk.seen-again"
		if other.Before {
			kind = "desk.seen-before"
		}
		id := other.Report.ID
		out = append(out, similarView{
			ID: id, Href: p.Report(id), Short: id.Short(), Beside: besideAddress(p, v.Report.ID, id, f.ID, other.File), Kind: s.T(kind, "What", s.T("seen."+other.Kind)), Share: s.share(other.Score, s.T("desk.similarity")),
		})
	}
	return out
}

// transcript is what was heard in a file, with what the screening found in it where nothing was written.
func (s speaker) transcript(v *review.View, f *review.File) *transcriptView {
	t := f.Transcript
	if t == nil {
		return nil
	}
	made := "desk.transcript-made"
	if !f.Sound() && !f.Film() {
		made = "desk.read-made"
	}
	out := &transcriptView{Words: s.marks(t.Text, spansOf(t.Text, &heed.Screening{Details: t.Details})), Lang: t.Language, Made: s.T(made, "Model", t.Model), Heard: f.Sound() || f.Film(), Cut: t.Cut}
	if v.Spoken() {
		out.Words = s.marks(t.Text, spansOf(t.Text, from(v.Screening, f.Heard)))
	}
	return out
}

// from is a screening of a text whose first bytes are cut off.
func from(sc *heed.Screening, cut int) *heed.Screening {
	if sc == nil || cut == 0 {
		return sc
	}
	out := &heed.Screening{}
	for _, d := range sc.Details {
		d.Start, d.End = d.Start-cut, d.End-cut
		out.Details = append(out.Details, d)
	}
	for _, r := range sc.Reasons {
		r.Start, r.End = r.Start-cut, r.End-cut
		out.Reasons = append(out.Reasons, r)
	}
	return out
}
