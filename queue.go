package heed

import (
	"context"
	"time"
)

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

// QueueTx keeps callers who wait for a call-taker or speak with one. What changes a call by its taker returns ErrConflict where the call
// isn't that taker's in that state any more, and ErrNotFound where it is over.
type QueueTx interface {
	JoinQueue(ctx context.Context, c *QueuedCall) error // ErrConflict: there is one of that id
	QueuedCall(ctx context.Context, id ID) (*QueuedCall, error)
	// QueuedCalls lists all, in the order in which they are to be taken.
	QueuedCalls(ctx context.Context) ([]*QueuedCall, error)
	// CallsAhead counts those who wait and are to be taken before the call.
	CallsAhead(ctx context.Context, id ID) (int, error)
	// SeeQueuedCall says that the call's process lives. ErrNotFound: the call was taken for dead.
	SeeQueuedCall(ctx context.Context, id ID, seen time.Time) error
	// TakeQueuedCall gives a waiting call to a taker whose phone is to ring. ErrConflict: somebody has it.
	TakeQueuedCall(ctx context.Context, id, taker ID, phone string) error
	// AnswerQueuedCall says that the taker's phone, which rang, was answered.
	AnswerQueuedCall(ctx context.Context, id, taker ID, at time.Time) error
	// ReturnQueuedCall puts a call back to wait before the others: its taker's phone rings no more, or they hung up.
	ReturnQueuedCall(ctx context.Context, id, taker ID) error
	// HandQueuedCall gives a call from the taker who talks to another, whose phone is to ring; "" is whoever takes it next.
	HandQueuedCall(ctx context.Context, id, from, to ID, phone string) error
	// FinishQueuedCall has the caller hear what is sealed. The taker may have hung up before, as long as nobody else has the call.
	FinishQueuedCall(ctx context.Context, id, taker ID, sealed []byte) error
	// LeaveQueue forgets a call, and counts it in its hour. how is for a call that no taker answered.
	LeaveQueue(ctx context.Context, id ID, how CallEnd, at time.Time) error
	// LeaveQueueSeen is LeaveQueue for a call that was not seen since. ErrNotFound: it was, or it is over.
	LeaveQueueSeen(ctx context.Context, id ID, seen, at time.Time) error
}

// DutyTx keeps which call-takers take calls.
type DutyTx interface {
	PutDuty(ctx context.Context, d *Duty) error // in place of an earlier one of the same account
	Duty(ctx context.Context, staff ID) (*Duty, error)
	Duties(ctx context.Context) ([]*Duty, error)
	// EndDuty forgets the account's Duty, where there is one.
	EndDuty(ctx context.Context, staff ID) error
	// CountOnDuty counts those whose Duty goes on at the time and who take callers of that language.
	CountOnDuty(ctx context.Context, language string, now time.Time) (int, error)
	// EndDutyFor writes Off. ErrNotFound: there is no such Duty.
	EndDutyFor(ctx context.Context, staff ID, why string) error
	// DeleteDuties forgets those that ended before the moment.
	DeleteDuties(ctx context.Context, before time.Time) error
}

// CallBackTx keeps wishes to be called back. One whose time is over is ErrNotFound, whether its row was deleted yet or not.
type CallBackTx interface {
	AddCallBack(ctx context.Context, b *CallBack) error
	// CallBacks lists those that live at the time, the oldest first, without their numbers and keys.
	CallBacks(ctx context.Context, now time.Time) ([]*CallBack, error)
	// CountCallBacks counts them.
	CountCallBacks(ctx context.Context, now time.Time) (int, error)
	// ClaimCallBack gives one to a taker. ErrConflict: somebody has it.
	ClaimCallBack(ctx context.Context, id, taker ID, phone string, now time.Time) error
	// NextCallBack is one that a taker has and no process dials, the first claimed first. It is without its number.
	NextCallBack(ctx context.Context, now time.Time) (*CallBack, error)
	// DialCallBack says which process dials it. ErrConflict: another does, or no taker has it any more.
	DialCallBack(ctx context.Context, id ID, key []byte, now time.Time) error
	// CallBack is without Sealed.
	CallBack(ctx context.Context, id ID, now time.Time) (*CallBack, error)
	// CallBacksToReseal lists those that a process is to dial and whose number isn't sealed to it yet, whole.
	CallBacksToReseal(ctx context.Context, now time.Time) ([]*CallBack, error)
	// ResealCallBack writes Resealed, where b.Key is still the process that dials. ErrConflict: it is not.
	ResealCallBack(ctx context.Context, b *CallBack) error
	// ReleaseCallBack has it wait for a taker again, with one more of Tries.
	ReleaseCallBack(ctx context.Context, id ID) error
	// ReleaseUndialled does that, but for Tries, to one that is claimed since then and that no QueuedCall is for: its process is gone, or
	// none dials. ErrNotFound: it is no such one.
	ReleaseUndialled(ctx context.Context, id ID, claimed time.Time) error
	// EndCallBack ends its time, and takes the number out of it.
	EndCallBack(ctx context.Context, id ID, now time.Time) error
	// DeleteCallBacks deletes those whose time is over, and says how many there were.
	DeleteCallBacks(ctx context.Context, now time.Time) (int, error)
}

// CallHourTx reads what became of the calls for call-takers.
type CallHourTx interface {
	// CallHours lists those that began in [from, before), by hour and language.
	CallHours(ctx context.Context, from, before time.Time) ([]*CallHour, error)
	DeleteCallHours(ctx context.Context, before time.Time) error
}
