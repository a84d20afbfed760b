package heed

import "time"

// CallState says where a caller is who asked for a call-taker.
type CallState string

// The states of a QueuedCall.
const (
	CallWaiting CallState = "waiting"
	CallRinging CallState = "ringing" // the taker's phone
	CallTalking CallState = "talking"
	CallReading CallState = "reading" // the Receipt is read to the caller
)

// QueuedCall is a caller who waits for a call-taker, or speaks with one. It lasts as long as the call, and nothing in it says who calls.
type QueuedCall struct {
	ID       ID
	Language string
	Since    time.Time // began to wait
	Seen     time.Time // when its process last said that it lives
	State    CallState
	Taker    ID     // who has it; "" while it waits
	Phone    string // SIP address of the taker's phone, for the call's process, which sees no account
	Former   ID     // who had it last, where it came back
	// Key is the public half of a pair whose private half lies in the memory of the call's process alone.
	Key []byte
	// Sealed is what the desk says to that process: seal.SealCallReceipt. Nil until the report is handed in.
	Sealed   []byte
	Returned bool      // it had a taker: it goes before all who only wait
	Back     bool      // the line called: a CallBack
	Answered time.Time // when a taker first spoke with the caller; zero: not yet
}

// AnswerSoon is how soon a call is to be answered, as figures count it.
const AnswerSoon = 20 * time.Second

// CallEnd says how a call left the queue that no taker answered.
type CallEnd string

// The ends of a QueuedCall.
const (
	CallAbandoned CallEnd = "abandoned" // the caller hung up, or was lost
	CallElsewhere CallEnd = "elsewhere" // the caller left a report, or a number, instead, or was told that nobody is there any more
)

// LongestDuty is how long a call-taker is on duty at most.
const LongestDuty = 12 * time.Hour

// Why a telephone process ended a Duty: what became of the call to the taker's phone.
const (
	DutyUnanswered  = "unanswered"
	DutyRefused     = "refused"
	DutyUnreachable = "unreachable"
)

// Duty says that a call-taker takes calls.
type Duty struct {
	Staff     ID
	Languages []string // BCP 47 tags; nil is any
	Since     time.Time
	Until     time.Time // it ends by itself then
	Off       string    // why it was ended, where the taker's phone was the reason; "": it wasn't
}

// On reports whether the taker takes calls at that time.
func (d *Duty) On(now time.Time) bool { return d.Off == "" && now.Before(d.Until) }

// CallBackLife is how long a number to call back is kept at most.
const CallBackLife = 4 * time.Hour

// CallBack is a caller's wish to be called back. Nobody is shown the number: a process dials it when a taker takes the wish up.
type CallBack struct {
	ID       ID
	Day      string // to whose transit key Sealed is sealed
	Language string
	Since    time.Time
	Expires  time.Time
	Sealed   []byte // the number: seal.SealCallBack
	// Taker is who took it up, Phone the SIP address of their phone, Claimed since when. "" and zero: nobody.
	Taker   ID
	Phone   string
	Claimed time.Time
	Tries   int // how often nobody answered
	// Key is the public half of the process that dials; Resealed the number, sealed to it by the worker: seal.ResealCallBack.
	Key, Resealed []byte
}

// CallHour says what became of the calls for call-takers in one hour and language. It outlives the calls, and tells of none.
type CallHour struct {
	Hour         time.Time // its beginning, by when the caller began to wait
	Language     string
	Offered      int // callers who waited
	Answered     int // those with whom a taker spoke
	AnsweredSoon int // within AnswerSoon
	Abandoned    int
	Elsewhere    int // those who left a report or a number instead
	CalledBack   int // call-backs that were answered; none of them is in the counts above
	Waited       time.Duration
	Longest      time.Duration
}

// EventCalls tells the desk that the queue of callers changed.
const EventCalls = "calls.changed"

// Count is what the call adds to its hour when it leaves the queue.
func (c *QueuedCall) Count(how CallEnd, at time.Time) CallHour {
	h := CallHour{Hour: c.Since.Truncate(time.Hour), Language: c.Language}
	if c.Back {
		if !c.Answered.IsZero() {
			h.CalledBack = 1
		}
		return h
	}
	h.Offered = 1
	switch {
	case !c.Answered.IsZero():
		at, h.Answered = c.Answered, 1
		if c.Answered.Sub(c.Since) <= AnswerSoon {
			h.AnsweredSoon = 1
		}
	case how == CallElsewhere:
		h.Elsewhere = 1
	default:
		h.Abandoned = 1
	}
	h.Waited = max(0, at.Sub(c.Since))
	h.Longest = h.Waited
	return h
}
