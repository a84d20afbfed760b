package review

import (
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/own"
)

// ofHeard is what of a text that was heard its report is found by, and its Screening as it is kept: without the contacts that its speaker
// gives as their own, but in a swindle (as in mask). Nothing is cut out of a recording, nor out of what was heard in it: spaces stand for
// them, so that all else stays at its place.
func ofHeard(text, language string, sc heed.Screening) (string, heed.Screening) {
	if swindle(sc.Category) {
		return text, sc
	}
	if language == "" {
		language = sc.Language
	}
	contacts := own.Contacts(text, language)
	blank := []byte(text)
	for _, p := range contacts {
		copy(blank[p.Start:p.End], strings.Repeat(" ", p.End-p.Start))
	}
	sc.Details = besideContacts(sc.Details, contacts)
	return string(blank), sc
}

// besideContacts are the details but those that stand in somebody's own contacts.
func besideContacts(details []heed.Detail, contacts []own.Piece) []heed.Detail {
	return slices.DeleteFunc(slices.Clone(details), func(d heed.Detail) bool {
		return slices.ContainsFunc(contacts, func(p own.Piece) bool { return d.Start < p.End && p.Start < d.End })
	})
}
