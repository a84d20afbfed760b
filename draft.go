package heed

import "time"

// DraftLife is how long a Draft is kept, whatever its author does.
const DraftLife = 24 * time.Hour

// Draft is a report that somebody at the desk is typing in, for who calls, comes by or writes a letter. Nothing in it says who that
// is: an Identity stands in the page alone until the report is handed in.
type Draft struct {
	ID      ID // that its report will have
	Staff   ID // who types
	Call    ID // the QueuedCall that it is typed in for; "": there is none
	Sealed  []byte
	Since   time.Time
	SavedAt time.Time
}
