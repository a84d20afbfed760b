package profile

import (
	_ "embed"
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // a line's time zone must be known on a machine that has no zone files

	"github.com/heed-line/heed"
)

// Profile is one line's profile. docs/profile.md describes every key. It is read-only once loaded and safe for
// concurrent use.
type Profile struct {
	Line        Line             `yaml:"line"`
	Languages   []string         `yaml:"languages"` // BCP 47, the line's own first
	Numbers     Numbers          `yaml:"numbers"`
	Exit        Exit             `yaml:"exit"`
	Wording     map[string]Words `yaml:"wording"` // by language
	Categories  []Category       `yaml:"categories"`
	Urgencies   []UrgencyName    `yaml:"urgencies"` // exactly heed.Urgencies, in order
	Departments []Department     `yaml:"departments"`
	Routing     []Rule           `yaml:"routing"`
	Outcomes    []Outcome        `yaml:"outcomes"`
	Deadlines   Deadlines        `yaml:"deadlines"`
	Retention   Retention        `yaml:"retention"`
	Limits      Limits           `yaml:"limits"`
	FourEyes    FourEyes         `yaml:"four_eyes"`
	Wellbeing   Wellbeing        `yaml:"wellbeing"`
	Notify      Notify           `yaml:"notify"`
	SignIn      SignIn           `yaml:"sign_in"`
	Engines     Engines          `yaml:"engines"`
	KnownFiles  KnownFiles       `yaml:"known_files"`
	Clamd       Clamd            `yaml:"clamd"`
	Screening   Screening        `yaml:"screening"`
	Phone       Phone            `yaml:"phone"`

	zone *time.Location
}

// Line is the line itself.
type Line struct {
	Name     Text   `yaml:"name"`
	Operator Text   `yaml:"operator"`  // who runs it, as a reporter should know it
	TimeZone string `yaml:"time_zone"` // IANA name; the default is UTC
	// Countries are those whose national telephone numbers are meant ("020 7946 0148"), ISO 3166-1 alpha-2, the likeliest first. Without
	// any they are those where a report's language is spoken.
	Countries []string `yaml:"countries"`
	Onion     string   `yaml:"onion"` // optional: the line's onion service, http://….onion without a path
}

// Number is a telephone number that people may need at once.
type Number struct {
	Number string `yaml:"number"` // as people dial it: "112", "116 123"
	Label  Text   `yaml:"label"`
}

// Numbers are shown with the crisis wording, before sending and beside the Receipt.
type Numbers struct {
	Emergency []Number `yaml:"emergency"` // danger now
	Support   []Number `yaml:"support"`   // thoughts of suicide
}

// Exit is where "leave this page" leads, and what the portal's pages are called in the browser's tab and history.
type Exit struct {
	URL   string `yaml:"url"`   // https, a page that everybody visits; the default is defaultExit
	Title Text   `yaml:"title"` // says nothing about reporting
}

// Words is the line's own wording in one language. Plain sentences; no markup.
type Words struct {
	Purpose []string `yaml:"purpose"` // three sentences: what the line is for, what happens next, that emergencies go elsewhere
	Next    []string `yaml:"next"`    // one to five: what happens after sending
	Privacy []string `yaml:"privacy"` // one to five: who sees it and how long who you are is kept
	Danger  string   `yaml:"danger"`  // crisis wording beside Numbers.Emergency
	Suicide string   `yaml:"suicide"` // crisis wording beside Numbers.Support
	Closed  string   `yaml:"closed"`  // what a reporter reads when the report was closed without a department's outcome
	Hours   string   `yaml:"hours"`   // optional: when people read reports
}

// Category is one kind of report.
type Category struct {
	ID   string `yaml:"id"`
	Name Text   `yaml:"name"`
	Hint Text   `yaml:"hint"` // optional: one sentence with examples
}

// UrgencyName is what one urgency is called.
type UrgencyName struct {
	ID   heed.Urgency `yaml:"id"`
	Name Text         `yaml:"name"`
}

// Department is a body that can act on a Referral.
type Department struct {
	ID   string `yaml:"id"`
	Name Text   `yaml:"name"`
	// Recipients are the age public keys that its packages are sealed to: all hybrid post-quantum (age1pq1…) or all X25519
	// (age1…), never mixed. A department without one can't be referred to.
	Recipients []string `yaml:"recipients"`
	Categories []string `yaml:"categories"` // those it usually takes; empty: none in particular
	Liaison    string   `yaml:"liaison"`    // optional: e-mail address told of a new Referral, without content

	kind Kind
}

// Kind says how a department's packages are sealed.
type Kind string

// The kinds of sealing.
const (
	Hybrid Kind = "hybrid" // post-quantum: needs age 1.3 or later
	X25519 Kind = "x25519" // opened by every age
)

// Kind is Hybrid or X25519, and "" where the department has no recipient yet.
func (d *Department) Kind() Kind { return d.kind }

// Outcome is one answer that a Department can give. Name is for staff, Wording is what the reporter reads.
type Outcome struct {
	ID      string `yaml:"id"`
	Name    Text   `yaml:"name"`
	Wording Text   `yaml:"wording"`
}

// Deadlines count from a report's receipt, day and night.
type Deadlines struct {
	Screening   time.Duration `yaml:"screening"`   // looked at by the machine
	Preliminary time.Duration `yaml:"preliminary"` // a person's first decision
	Conclusion  time.Duration `yaml:"conclusion"`  // referred or closed
	// Approval is how long after an imminent danger's referral the second person has.
	Approval time.Duration `yaml:"approval"`
}

// Retention is how long a concluded report's content is kept. The identity's seven days are not the profile's to change.
type Retention struct {
	SetAside time.Duration `yaml:"set_aside"`
	Closed   time.Duration `yaml:"closed"`
	Referred time.Duration `yaml:"referred"`
	Receipts time.Duration `yaml:"receipts"` // after conclusion
}

// Limits bound what is accepted.
type Limits struct {
	Text        int   `yaml:"text"`                      // characters of the report
	Message     int   `yaml:"message"`                   // characters of an answer, an addition or a question
	Messages    int   `yaml:"messages"`                  // of one report
	Files       int   `yaml:"files"`                     // of one report
	FileBytes   int64 `yaml:"file_bytes" unit:"bytes"`   // of one file
	ReportBytes int64 `yaml:"report_bytes" unit:"bytes"` // of one report's files together
}

// FourEyes makes the rules about a second person stricter than Heed's own; none of Heed's own can be lifted.
type FourEyes struct {
	EveryReferral bool `yaml:"every_referral"`
	EveryRefusal  bool `yaml:"every_refusal"`
	EveryClosing  bool `yaml:"every_closing"`
}

// Wellbeing is for those who look at what reporters send.
type Wellbeing struct {
	PauseAfter int `yaml:"pause_after"` // pictures and films that somebody uncovers on a day before a pause is suggested; 0: never
}

// Notify says who is told of a deadline, without content.
type Notify struct {
	DeskURL     string   `yaml:"desk_url"`    // what a message links to
	Specialists []string `yaml:"specialists"` // e-mail addresses told at 50% and 80%
	Leads       []string `yaml:"leads"`       // at 100%
	DutyOfficer []string `yaml:"duty_officer"`
	SMTP        SMTP     `yaml:"smtp"`
	Webhook     Webhook  `yaml:"webhook"`
}

// SMTP is the operator's own mail server. Host "" turns mail off.
type SMTP struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	Security     string `yaml:"security"` // starttls (default), tls, or none (loopback only)
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
}

// Webhook is an address told by HTTP POST, signed with a shared secret. URL "" turns it off.
type Webhook struct {
	URL        string `yaml:"url"`
	SecretFile string `yaml:"secret_file"`
}

//go:embed default.yaml
var defaultYAML []byte

// DefaultYAML is the profile that a first start writes, with its comments.
func DefaultYAML() []byte { return append([]byte(nil), defaultYAML...) }

// Default is the embedded profile: a neutral example line.
func Default() *Profile {
	p, err := Parse("default.yaml", defaultYAML)
	if err != nil {
		panic(fmt.Errorf("the embedded profile: %w", err)) // a test reads it; it can't happen in a release
	}
	return p
}

// Load reads the profile in a file.
//
// It returns *Faults, which lists every fault, where the file is not a profile; else the error of reading it.
func Load(path string) (*Profile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the line profile: %w", err)
	}
	return Parse(path, b)
}

// Parse reads a profile; name is what faults call the file.
//
// It returns *Faults where it is not one.
func Parse(name string, source []byte) (*Profile, error) {
	p := &Profile{
		Line:      Line{TimeZone: "UTC"},
		Exit:      Exit{URL: defaultExit},
		Deadlines: Deadlines{Screening: 5 * time.Minute, Preliminary: 3 * time.Hour, Conclusion: 24 * time.Hour, Approval: time.Hour},
		Retention: Retention{SetAside: 30 * day, Closed: year, Referred: 5 * year, Receipts: 90 * day},
		Limits:    Limits{Text: 50_000, Message: 10_000, Messages: 200, Files: 20, FileBytes: 100 << 20, ReportBytes: 500 << 20},
		Notify:    Notify{SMTP: SMTP{Port: 587, Security: "starttls"}},
		SignIn: SignIn{
			SecondStep: SecondStepEnrolled, Idle: 30 * time.Minute, Session: 12 * time.Hour, OIDC: OIDC{SecondStep: SecondStepProvider},
		},
		Engines:   Engines{Language: Engine{Timeout: 30 * time.Second}, Speech: Engine{Timeout: 10 * time.Minute}},
		Screening: Screening{SetAside: SetAside{Missed: 0.01, Confidence: 0.95}},
		Phone:     Phone{Take: 15 * time.Minute, Trunk: Trunk{Transport: TrunkUDP, Expires: 5 * time.Minute}},
	}
	f := &Faults{File: name, source: source}
	d := decode(source, p, f)
	if d != nil && !f.fatal {
		p.check(&checker{faults: f, places: d.places, source: d.lines})
	}
	if len(f.List) > 0 {
		f.sort()
		return nil, f
	}
	return p, nil
}

// defaultExit is a site with something for everybody, so that having it open says nothing.
const defaultExit = "https://www.wikipedia.org/"

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// Zone is the line's time zone.
func (p *Profile) Zone() *time.Location { return p.zone }

// Category finds a category by id.
func (p *Profile) Category(id string) (*Category, bool) {
	for i := range p.Categories {
		if p.Categories[i].ID == id {
			return &p.Categories[i], true
		}
	}
	return nil, false
}

// Department finds a department by id.
func (p *Profile) Department(id string) (*Department, bool) {
	for i := range p.Departments {
		if p.Departments[i].ID == id {
			return &p.Departments[i], true
		}
	}
	return nil, false
}

// Outcome finds an outcome by id.
func (p *Profile) Outcome(id string) (*Outcome, bool) {
	for i := range p.Outcomes {
		if p.Outcomes[i].ID == id {
			return &p.Outcomes[i], true
		}
	}
	return nil, false
}
