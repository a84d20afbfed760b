package desk

import (
	"strconv"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/web"
)

// speaker puts what the services give into words of one language: the line's own names, clocks, shares.
type speaker struct {
	*web.Voice
	profile *profile.Profile
	names   map[heed.ID]string // of staff
}

// urgencyWord is an urgency with its shape (by ID) and its word.
type urgencyWord struct {
	ID     heed.Urgency
	Name   string
	Chosen bool
}

func (s speaker) urgency(u heed.Urgency) urgencyWord {
	if u == "" {
		u = heed.Normal
	}
	return urgencyWord{ID: u, Name: s.profile.UrgencyName(u, s.Lang())}
}

func (s speaker) category(id string) string {
	if id == "" {
		return s.T("desk.unsorted")
	}
	return s.profile.CategoryName(id, s.Lang())
}

// language is the name of a language in the reader's own.
func (s speaker) language(tag string) string {
	if tag == "" || tag == "und" {
		return s.T("desk.language-unknown")
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if namer := display.Languages(language.Make(s.Lang())); namer != nil {
		if name := namer.Name(parsed); name != "" {
			return name
		}
	}
	return display.Self.Name(parsed)
}

// who is a staff member's name; "" for the machine and the reporter.
func (s speaker) who(id heed.ID) string {
	if name, ok := s.names[id]; ok {
		return name
	}
	return ""
}

// exact is a moment to the second, for hovering and screen readers.
func (s speaker) exact(t time.Time) string {
	return s.T("time.at", "Date", s.Day(t), "Time", t.In(s.profile.Zone()).Format("15:04:05 MST"))
}

// countdown is a deadline as the desk shows it. The script keeps the text true between two loads.
type countdown struct {
	Text, Exact, ISO string
	Unix             int64
	Level            string // calm, half, near, late: how much of the time is used
}

// countdown tells what is left until due of the time that began at start; nil where due is zero.
func (s speaker) countdown(start, due time.Time) *countdown {
	if due.IsZero() {
		return nil
	}
	c := &countdown{Exact: s.exact(due), ISO: due.UTC().Format(time.RFC3339), Unix: due.Unix(), Level: "calm"}
	left := due.Sub(s.Now())
	switch whole := due.Sub(start); {
	case left < 0:
		c.Level = "late"
	case left*5 <= whole: // 80% used
		c.Level = "near"
	case left*2 <= whole:
		c.Level = "half"
	}
	key := "desk.left"
	if left < 0 {
		key, left = "desk.over", -left
	}
	c.Text = s.T(key, "Span", s.span(left))
	return c
}

// span is a length of time in few letters. The script writes the same by the same patterns.
func (s speaker) span(d time.Duration) string {
	minutes := max(1, int(d/time.Minute))
	switch {
	case minutes >= 2*24*60:
		return s.T("desk.span-dh", "D", minutes/(24*60), "H", minutes%(24*60)/60)
	case minutes >= 60:
		return s.T("desk.span-hm", "H", minutes/60, "M", minutes%60)
	}
	return s.T("desk.span-m", "M", minutes)
}

// share is a probability as a bar and a number.
type share struct {
	Percent     int
	Text, Label string
}

func (s speaker) share(p float64, label string) share {
	percent := int(max(0, min(1, p))*100 + 0.5)
	return share{Percent: percent, Text: s.T("desk.percent", "N", strconv.Itoa(percent)), Label: label}
}
