package portal

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web/question"
)

const (
	// draftLife is shorter than the day after which intake sweeps the files of abandoned drafts.
	draftLife   = 20 * time.Hour
	mailboxLife = 30 * time.Minute

	draftKind   = "portal report"
	mailboxKind = "portal mailbox"
	unsentKind  = "portal message" // without its mailbox's Receipt
)

// The form's pages, in order. The Receipt's page follows the last.
const (
	pageText  = "text"
	pageFiles = "files"
	pageWho   = "who"
	pageCheck = "check"
)

var formPages = [...]string{pageText, pageFiles, pageWho, pageCheck}

// draft is a report on its way through the form. It travels sealed in a hidden field and exists nowhere else.
type draft struct {
	Born time.Time `json:"born"`
	question.Answers
	Files   []intake.StagedFile `json:"files,omitempty"`
	Uploads []intake.Upload     `json:"uploads,omitempty"`
	// Told is what of the text files said beside, by their upload: lines that go with the file.
	Told    map[string][]string `json:"told,omitempty"`
	Checked bool                `json:"checked,omitempty"` // the last page was reached: a changed page leads back there
	// ID and Receipt are drawn when the last page is reached and stay while it does, so that sending that page twice, by a
	// double click or after a lost answer or a fault of ours, is one report with one Receipt. A draft of which another
	// page was sent meanwhile is another.
	ID      heed.ID      `json:"id,omitempty"`
	Receipt seal.Receipt `json:"receipt,omitempty"`
}

func (p *portal) sealDraft(d *draft) (string, error) {
	now := p.Now()
	token, err := p.DraftKey.Seal(draftKind, d, now, d.Born.Add(draftLife).Sub(now))
	if err != nil {
		return "", fmt.Errorf("seal a draft: %w", err)
	}
	return token, nil
}

// openDraft opens what the form carried. ok is false for a draft that is too old, not ours or missing; the draft is a
// fresh one then.
func (p *portal) openDraft(token string) (d *draft, ok bool) {
	d = &draft{}
	now := p.Now()
	if token == "" || p.DraftKey.Open(draftKind, token, now, d) != nil {
		return &draft{Born: now}, false
	}
	return d, true
}

// submission is the draft as intake takes it.
func (d *draft) submission(language string) intake.Submission {
	sub := d.Submission(heed.ChannelWeb, language)
	sub.ID, sub.Receipt, sub.Files, sub.Uploads = d.ID, d.Receipt, d.Files, d.Uploads
	return sub
}

// addedFile is a file of the draft, as its pages list it.
type addedFile struct {
	Name   string
	Size   int64
	Remove string // what the button says that takes it out
}

// Added are the draft's files, however they came.
func (d *draft) Added() (all []addedFile) {
	for i, f := range d.Files {
		all = append(all, addedFile{f.Name, f.Size, strconv.Itoa(i)})
	}
	for i, u := range d.Uploads {
		all = append(all, addedFile{u.Name, u.Size, uploadMark + strconv.Itoa(i)})
	}
	return all
}

// uploadMark begins the number of a file that came bit by bit.
const uploadMark = "u"

// after is the page that follows one when it is good.
func (d *draft) after(page string) string {
	if d.Checked {
		return pageCheck
	}
	return neighbour(page, 1)
}

// neighbour is the page so many steps from one, the first or last at the ends.
func neighbour(page string, steps int) string {
	i := slices.Index(formPages[:], page) + steps
	return formPages[min(max(i, 0), len(formPages)-1)]
}

// pageOf is the page on which a field of the API is typed.
func pageOf(field string) string {
	switch field {
	case "files", "uploads":
		return pageFiles
	case "who", "identity.name", "identity.phone", "identity.email", "identity.address":
		return pageWho
	}
	return pageText
}
