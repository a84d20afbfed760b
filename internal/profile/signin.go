package profile

import "time"

// SignIn is how staff sign in at the desk.
type SignIn struct {
	// SecondStep is SecondStepEnrolled or SecondStepRequired.
	SecondStep string        `yaml:"second_step"`
	Idle       time.Duration `yaml:"idle"`    // a session ends so long after its last request
	Session    time.Duration `yaml:"session"` // and so long after it began, however busy
}

// Of whom a second step beside the passphrase is asked.
const (
	SecondStepEnrolled = "enrolled" // who enrolled in a browser or has set one up
	SecondStepRequired = "required" // everybody, also accounts that a command completed
)

// The bounds of a session's lives.
const (
	shortestIdle   = 5 * time.Minute
	longestSession = 24 * time.Hour
)

func (c *checker) signIn(p *Profile) {
	s := p.SignIn
	if s.SecondStep != SecondStepEnrolled && s.SecondStep != SecondStepRequired {
		c.fault("sign_in.second_step", "enrolled or required is expected here")
	}
	if s.Idle < shortestIdle || s.Idle > s.Session {
		c.fault("sign_in.idle", "this is at least 5m and at most sign_in.session")
	}
	if s.Session > longestSession {
		c.fault("sign_in.session", "this is at most 24h")
	}
}
