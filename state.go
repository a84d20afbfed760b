package heed

// State is where a Report stands. Screens and APIs use the lower-case names.
type State string

// The states: docs/states.md.
const (
	Received        State = "received"
	InScreening     State = "screening"
	Queued          State = "queued"
	SetAside        State = "set_aside"
	RefusalProposed State = "refusal_proposed"
	Quarantine      State = "quarantine"
	InReview        State = "in_review"
	NeedsInfo       State = "needs_info"
	Held            State = "held"
	Duplicate       State = "duplicate"
	PendingApproval State = "pending_approval"
	Referred        State = "referred"
	Accepted        State = "accepted"
	Returned        State = "returned"
	OutcomeGiven    State = "outcome"
	Closed          State = "closed"
	Reopened        State = "reopened"
	Withdrawn       State = "withdrawn"
	Erased          State = "erased"
)

// Stage is what the reporter sees of a State.
type Stage string

// The stages of the public API.
const (
	StageReceived  Stage = "received"
	StageScreened  Stage = "screened"
	StageInReview  Stage = "in_review"
	StageQuestion  Stage = "question"
	StageReferred  Stage = "referred"
	StageConcluded Stage = "concluded"
)

// Event is what moves a Report from one State to another.
type Event string

// The events.
const (
	EventScreen     Event = "screen"     // the worker starts the screening
	EventQueue      Event = "queue"      // screened, or unscreened after a failure
	EventSetAside   Event = "set-aside"  // proposed as irrelevant
	EventPropose    Event = "propose"    // proposed for refusal
	EventQuarantine Event = "quarantine" // no safe copy of a file can be made: it takes too much, or isn't what it seems
	EventClaim      Event = "claim"      // a person takes it
	EventRelease    Event = "release"    // the Claim lapses or is given back
	EventAsk        Event = "ask"        // a question to the reporter
	EventAnswer     Event = "answer"     // the reporter answers or adds
	EventHold       Event = "hold"       // disposition
	EventLink       Event = "link"       // disposition: duplicate
	EventUnlink     Event = "unlink"     //
	EventRequest    Event = "request"    // a disposition that needs a second person
	EventDecline    Event = "decline"    // the second person says no
	EventRefer      Event = "refer"      // disposition
	EventClose      Event = "close"      // disposition
	EventRefuse     Event = "refuse"     // disposition: confirmed by a person
	EventUndo       Event = "undo"       // within ten seconds of a disposition
	EventAccept     Event = "accept"     // the Department takes it
	EventReturn     Event = "return"     // the Department gives it back
	EventOutcome    Event = "outcome"    // the Department tells what became of it
	EventConclude   Event = "conclude"   // the outcome was told, or the lead is closed
	EventReopen     Event = "reopen"     //
	EventWithdraw   Event = "withdraw"   // the reporter takes it back
	EventErase      Event = "erase"      //
)

// Transition is one row of the state table.
type Transition struct {
	From  State
	Event Event
	To    State
}

// stateInfo describes a state: what the reporter sees, in which list of the desk it stands, whether its clocks still run.
type stateInfo struct {
	State State
	Stage Stage
	List  List
	Open  bool
}

// List is one of the desk's lists. Every Report stands in exactly one.
type List string

// The desk's lists.
const (
	ListNone     List = "none"     // not yet screened
	ListReview   List = "review"   // the queue
	ListCopies   List = "copies"   // of what stands in the queue, word for word; they wait with it
	ListWaiting  List = "waiting"  // for the reporter, or on hold
	ListApproval List = "approval" // for a second person
	ListAside    List = "aside"    // proposed as irrelevant
	ListRefusal  List = "refusal"  // proposed for refusal
	ListReferred List = "referred" // with a Department
	ListDone     List = "done"
)

// States lists every state in the order of a report's way.
var States = [...]stateInfo{
	{Received, StageReceived, ListNone, true},
	{InScreening, StageReceived, ListNone, true},
	{Queued, StageScreened, ListReview, true},
	{SetAside, StageScreened, ListAside, true},
	{RefusalProposed, StageScreened, ListRefusal, true},
	{Quarantine, StageScreened, ListReview, true},
	{InReview, StageInReview, ListReview, true},
	{NeedsInfo, StageQuestion, ListWaiting, true},
	{Held, StageInReview, ListWaiting, true},
	{Duplicate, StageInReview, ListDone, false},
	{PendingApproval, StageInReview, ListApproval, true},
	{Referred, StageReferred, ListReferred, false},
	{Accepted, StageReferred, ListReferred, false},
	{Returned, StageInReview, ListReview, true},
	{OutcomeGiven, StageConcluded, ListReferred, false},
	{Closed, StageConcluded, ListDone, false},
	{Reopened, StageInReview, ListReview, true},
	{Withdrawn, StageConcluded, ListDone, false},
	{Erased, StageConcluded, ListDone, false},
}

// Transitions is the whole state machine; docs/states.md is generated from it.
var Transitions = buildTransitions()

func buildTransitions() []Transition {
	ts := []Transition{
		{Received, EventScreen, InScreening},
		{Received, EventQueue, Queued},
		{InScreening, EventQueue, Queued},
		{InScreening, EventSetAside, SetAside},
		{InScreening, EventPropose, RefusalProposed},
		{InScreening, EventQuarantine, Quarantine},
		{Queued, EventQuarantine, Quarantine}, // files are copied after the words are screened, as a rule

		{Queued, EventClaim, InReview},
		{SetAside, EventClaim, InReview},
		{RefusalProposed, EventClaim, InReview},
		{Quarantine, EventClaim, InReview},
		{Returned, EventClaim, InReview},
		{Reopened, EventClaim, InReview},
		{NeedsInfo, EventClaim, InReview},
		{Held, EventClaim, InReview},
		{InReview, EventRelease, Queued},
		// A Claim on what the machine had put elsewhere gives it back there.
		{InReview, EventSetAside, SetAside},
		{InReview, EventPropose, RefusalProposed},
		{InReview, EventQuarantine, Quarantine},

		{InReview, EventAsk, NeedsInfo},
		{NeedsInfo, EventAnswer, Queued},
		{Held, EventAnswer, Queued},
		{InReview, EventHold, Held},
		{InReview, EventLink, Duplicate},
		{PendingApproval, EventLink, Duplicate},
		{Duplicate, EventUnlink, Queued},
		{Duplicate, EventConclude, Closed},
		{InReview, EventRequest, PendingApproval},
		{PendingApproval, EventDecline, Queued},
		{InReview, EventRefer, Referred},
		{PendingApproval, EventRefer, Referred},
		{InReview, EventClose, Closed},
		{PendingApproval, EventClose, Closed},
		{InReview, EventRefuse, Erased},
		{PendingApproval, EventRefuse, Erased},

		{NeedsInfo, EventUndo, InReview},
		{Held, EventUndo, InReview},
		{Duplicate, EventUndo, InReview},
		{PendingApproval, EventUndo, InReview},
		{Closed, EventUndo, InReview},
		{Referred, EventUndo, InReview},

		{Referred, EventAccept, Accepted},
		{Referred, EventReturn, Returned},
		{Accepted, EventReturn, Returned},
		{Accepted, EventOutcome, OutcomeGiven},
		{OutcomeGiven, EventConclude, Closed},
		{Closed, EventReopen, Reopened},
	}
	for _, s := range States {
		if s.Open || s.State == Duplicate {
			ts = append(ts, Transition{s.State, EventWithdraw, Withdrawn})
		}
	}
	for _, s := range States {
		if s.State != Erased {
			ts = append(ts, Transition{s.State, EventErase, Erased})
		}
	}
	return ts
}

// Next is the state that the event leads to from s.
//
// It returns ErrConflict where the table has no such transition: somebody else was faster, or the act is not open from here.
func (s State) Next(e Event) (State, error) {
	for _, t := range Transitions {
		if t.From == s && t.Event == e {
			return t.To, nil
		}
	}
	return s, &TransitionError{From: s, Event: e}
}

// TransitionError says which act is not open from which state. It wraps ErrConflict.
type TransitionError struct {
	From  State
	Event Event
}

func (e *TransitionError) Error() string {
	return "a report that is " + string(e.From) + " has no " + string(e.Event)
}

func (e *TransitionError) Unwrap() error { return ErrConflict }

func (s State) info() stateInfo {
	for _, i := range States {
		if i.State == s {
			return i
		}
	}
	return stateInfo{State: s, Stage: StageReceived, List: ListNone}
}

// Stage is what the reporter sees.
func (s State) Stage() Stage { return s.info().Stage }

// List is the desk's list in which a report of this state stands.
func (s State) List() List { return s.info().List }

// Open reports whether the line still owes the report a decision: its clocks run and it is searchable.
func (s State) Open() bool { return s.info().Open }

// Valid reports whether s is one of States.
func (s State) Valid() bool {
	for _, i := range States {
		if i.State == s {
			return true
		}
	}
	return false
}
