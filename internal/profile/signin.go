package profile

import "time"

// SignIn is how staff sign in at the desk.
type SignIn struct {
	// SecondStep is SecondStepEnrolled or SecondStepRequired.
	SecondStep string        `yaml:"second_step"`
	Idle       time.Duration `yaml:"idle"`    // a session ends so long after its last request
	Session    time.Duration `yaml:"session"` // and so long after it began, however busy
	OIDC       OIDC          `yaml:"oidc"`
}

// Of whom a second step beside the passphrase is asked.
const (
	SecondStepEnrolled = "enrolled" // who enrolled in a browser or has set one up
	SecondStepRequired = "required" // everybody, also accounts that a command completed
)

// OIDC is the organisation's own sign-on, an OpenID provider. Issuer "" turns it off.
type OIDC struct {
	Issuer           string `yaml:"issuer"` // as the provider spells it, without query
	ClientID         string `yaml:"client_id"`
	ClientSecretFile string `yaml:"client_secret_file"`
	Name             Text   `yaml:"name"` // what its button says: "City of Somewhere"
	// SecondStep is SecondStepProvider or SecondStepRequired.
	SecondStep string `yaml:"second_step"`
}

// SecondStepProvider leaves a second step to the organisation's sign-on.
const SecondStepProvider = "provider"

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
	c.oidc(&s.OIDC)
}

func (c *checker) oidc(o *OIDC) {
	if o.SecondStep != SecondStepProvider && o.SecondStep != SecondStepRequired {
		c.fault("sign_in.oidc.second_step", "provider or required is expected here")
	}
	if o.Issuer == "" {
		if o.ClientID != "" || o.ClientSecretFile != "" {
			c.fault("sign_in.oidc", "issuer is missing: nobody knows whose sign-on this is")
		}
		return
	}
	if !rootAddress(o.Issuer) {
		c.fault("sign_in.oidc.issuer", "an https address without query is expected here (http only on this machine)")
	}
	if o.ClientID == "" {
		c.fault("sign_in.oidc", "client_id is missing: the provider gives it when the desk is registered there")
	}
	if o.ClientSecretFile == "" {
		c.fault("sign_in.oidc", "client_secret_file is missing: the provider can't tell this desk from others")
	}
	c.text("sign_in.oidc.name", o.Name, maxShort)
}
