package auth_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/auth/codetest"
	"github.com/heed-line/heed/internal/auth/signontest"
)

const callback = "https://desk.example/sign-in/organisation/back"

// organisation gives the line a provider, and its service another one that uses it.
func (l *line) organisation(t *testing.T, secondStep bool) *signontest.Provider {
	t.Helper()
	p := signontest.New(t, l.clock)
	l.auth = auth.New(auth.Config{Store: l.store, Now: l.clock, SignOn: signOnAt(p, secondStep)})
	return p
}

func signOnAt(p *signontest.Provider, secondStep bool) *auth.SignOnConfig {
	return &auth.SignOnConfig{
		Issuer: p.URL, ClientID: signontest.ClientID, Secret: func() (string, error) { return signontest.Secret, nil }, SecondStep: secondStep,
	}
}

// away is a browser that was sent to the provider.
type away struct{ address, kept, browser string }

func (l *line) leave(t *testing.T, browser string, errand auth.Errand) away {
	t.Helper()
	address, kept, err := l.auth.GoToSignOn(t.Context(), callback, browser, errand)
	if err != nil {
		t.Fatal(err)
	}
	return away{address, kept, browser}
}

// answer is what the provider sends the browser back with.
func (a away) answer(t *testing.T) auth.Answer {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(a.address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	back, err := res.Location()
	if err != nil || !strings.HasPrefix(back.String(), callback+"?") {
		t.Fatalf("the provider answers %d %s, %v", res.StatusCode, body, err)
	}
	q := back.Query()
	return auth.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error")}
}

func (l *line) back(t *testing.T, a away, answer auth.Answer) (*auth.SignedOn, string) {
	t.Helper()
	who, err := l.auth.BackFromSignOn(t.Context(), a.browser, a.kept, answer)
	return who, code(t, err)
}

// code is the problem's, "" for none. Whatever is no problem fails the test.
func code(t *testing.T, err error) string {
	t.Helper()
	var p *heed.Problem
	if err == nil {
		return ""
	}
	if !errors.As(err, &p) {
		t.Fatalf("no problem that people are told of: %v", err)
	}
	return p.Code
}

func (l *line) trip(t *testing.T, browser string, errand auth.Errand) *auth.SignedOn {
	t.Helper()
	a := l.leave(t, browser, errand)
	who, problem := l.back(t, a, a.answer(t))
	if problem != "" {
		t.Fatalf("coming back answers %s", problem)
	}
	return who
}

func (l *line) link(t *testing.T, staff *heed.Staff) {
	t.Helper()
	if err := l.auth.AddSignOn(t.Context(), staff, l.trip(t, "", auth.Errand{Kind: auth.LinkErrand, For: staff.ID})); err != nil {
		t.Fatal(err)
	}
}

func TestALinkedAccountSignsInThroughItsOrganisationAndNoOtherDoes(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	p := l.organisation(t, false)
	browser := auth.NewBrowser()
	signIn := auth.Errand{Kind: auth.SignInErrand, To: "/queue/review"}
	// Nobody becomes anybody by the provider's word alone, whatever it says of their name and address.
	p.Change(func(p *signontest.Provider) {
		p.Claims = map[string]any{"preferred_username": "amira", "email": "amira@desk.example", "email_verified": true}
	})
	if _, _, err := l.auth.SignInBySignOn(t.Context(), browser, l.trip(t, browser, signIn)); code(t, err) != "sign-on-unlinked" {
		t.Errorf("an account that isn't linked answers %v", err)
	}
	l.link(t, amira)
	for _, alg := range []string{"RS256", "ES256"} {
		p.Change(func(p *signontest.Provider) { p.Alg = alg })
		who := l.trip(t, browser, signIn)
		session, staff, err := l.auth.SignInBySignOn(t.Context(), browser, who)
		if err != nil || staff.ID != amira.ID || who.To != "/queue/review" {
			t.Fatalf("signing in by %s: %v", alg, err)
		}
		if _, err := l.auth.Session(t.Context(), session, auth.NewBrowser()); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("the session in another browser answers %v", err)
		}
		if fresh, err := l.auth.Proven(t.Context(), session, browser); err != nil || !fresh {
			t.Errorf("who has just signed on isn't proven: %v", err)
		}
	}
	p.Change(func(p *signontest.Provider) { p.Subject = "employee-8" })
	if _, _, err := l.auth.SignInBySignOn(t.Context(), browser, l.trip(t, browser, signIn)); code(t, err) != "sign-on-unlinked" {
		t.Errorf("a colleague answers %v", err)
	}
	p.Change(func(p *signontest.Provider) { p.Subject = "employee-7" })
	if err := l.auth.SetDisabled(t.Context(), nil, amira.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.auth.SignInBySignOn(t.Context(), browser, l.trip(t, browser, signIn)); code(t, err) != "sign-on-unlinked" {
		t.Errorf("a disabled account answers %v", err)
	}
}

func TestAnAnswerOfTheSignOnCountsOnceInItsBrowserForAWhile(t *testing.T) {
	l := newLine(t)
	p := l.organisation(t, false)
	browser := auth.NewBrowser()
	errand := auth.Errand{Kind: auth.SignInErrand}
	a := l.leave(t, browser, errand)
	good := a.answer(t)
	other := l.leave(t, browser, errand)
	for what, wrong := range map[string]struct {
		away
		answer auth.Answer
	}{
		"another browser":        {away{kept: a.kept, browser: auth.NewBrowser()}, good},
		"a browser without mark": {away{kept: a.kept}, good},
		"what another trip kept": {other, good},
		"nothing kept":           {away{browser: browser}, good},
		"a changed errand":       {away{kept: a.kept[:len(a.kept)-4] + "AAAA", browser: browser}, good},
		"no state":               {a, auth.Answer{Code: good.Code}},
		"a state of its own":     {a, auth.Answer{State: strings.Repeat("A", len(good.State)), Code: good.Code}},
	} {
		if _, problem := l.back(t, wrong.away, wrong.answer); problem != "sign-on-over" {
			t.Errorf("%s answers %q", what, problem)
		}
	}
	p.Change(func(p *signontest.Provider) {
		if p.Asked != 0 {
			t.Errorf("the provider was asked %d times for what is nobody's answer", p.Asked)
		}
	})
	if _, problem := l.back(t, a, good); problem != "" {
		t.Fatalf("the right answer is refused: %s", problem)
	}
	if _, problem := l.back(t, a, good); problem != "sign-on-over" {
		t.Errorf("the same answer again answers %q", problem)
	}
	// One that fails is used up, too.
	failed := other.answer(t)
	if _, problem := l.back(t, other, auth.Answer{State: failed.State, Code: "guess", Issuer: failed.Issuer}); problem != "sign-on-refused" {
		t.Errorf("a code that is none answers %q", problem)
	}
	if _, problem := l.back(t, other, failed); problem != "sign-on-over" {
		t.Errorf("after a failure the state answers %q", problem)
	}
	late := l.leave(t, browser, errand)
	l.wait(11 * time.Minute)
	if _, problem := l.back(t, late, late.answer(t)); problem != "sign-on-over" {
		t.Errorf("after eleven minutes it answers %q", problem)
	}
}

func TestWhatTheProviderDoesNotVouchForOpensNothing(t *testing.T) {
	l := newLine(t)
	p := l.organisation(t, false)
	now := l.clock()
	claims := func(c map[string]any) func(*signontest.Provider) {
		return func(p *signontest.Provider) { p.Claims = c }
	}
	for what, attack := range map[string]func(*signontest.Provider){
		"another nonce":           claims(map[string]any{"nonce": "AAAA"}),
		"no nonce":                claims(map[string]any{"nonce": nil}),
		"another issuer":          claims(map[string]any{"iss": "https://evil.example"}),
		"another audience":        claims(map[string]any{"aud": "other"}),
		"two audiences, no party": claims(map[string]any{"aud": []string{signontest.ClientID, "other"}}),
		"another party":           claims(map[string]any{"azp": "other"}),
		"an expired token":        claims(map[string]any{"exp": now.Add(-time.Second).Unix()}),
		"no end":                  claims(map[string]any{"exp": nil}),
		"an old token":            claims(map[string]any{"iat": now.Add(-time.Hour).Unix()}),
		"a token of tomorrow":     claims(map[string]any{"iat": now.Add(24 * time.Hour).Unix()}),
		"no subject":              claims(map[string]any{"sub": nil}),
		"a subject without end":   claims(map[string]any{"sub": strings.Repeat("x", 1000)}),
		"a subject of a kind":     claims(map[string]any{"sub": 7}),
		"no signature":            func(p *signontest.Provider) { p.Alg = "none" },
		"a public key as secret":  func(p *signontest.Provider) { p.Alg = "HS256" },
	} {
		p.Change(func(p *signontest.Provider) { p.Claims, p.Alg = nil, "" })
		a := l.leave(t, "", auth.Errand{Kind: auth.SignInErrand})
		answer := a.answer(t)
		p.Change(attack)
		if _, problem := l.back(t, a, answer); problem != "sign-on-refused" {
			t.Errorf("%s answers %q", what, problem)
		}
	}
	p.Change(func(p *signontest.Provider) { p.Claims, p.Alg = nil, "" })
	for what, change := range map[string]func(*auth.Answer, away){
		"another issuer's answer": func(a *auth.Answer, _ away) { a.Issuer = "https://evil.example" },
		"an answer of no issuer":  func(a *auth.Answer, _ away) { a.Issuer = "" },
		"a code of another trip": func(a *auth.Answer, _ away) {
			a.Code = l.leave(t, "", auth.Errand{Kind: auth.SignInErrand}).answer(t).Code
		},
		"a code of another client": func(a *auth.Answer, from away) {
			u, err := url.Parse(from.address)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			p.Change(func(p *signontest.Provider) {
				a.Code = p.Grant(q.Get("code_challenge"), q.Get("nonce"), callback, "other")
			})
		},
	} {
		a := l.leave(t, "", auth.Errand{Kind: auth.SignInErrand})
		answer := a.answer(t)
		change(&answer, a)
		if _, problem := l.back(t, a, answer); problem != "sign-on-refused" {
			t.Errorf("%s answers %q", what, problem)
		}
	}
	p.Change(func(p *signontest.Provider) { p.Refuses = "access_denied" })
	a := l.leave(t, "", auth.Errand{Kind: auth.SignInErrand})
	if _, problem := l.back(t, a, a.answer(t)); problem != "sign-on-declined" {
		t.Errorf("a refusal of the provider's answers %q", problem)
	}
}

func TestADeskRunsWhileItsProviderIsDownAndFindsItAgain(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	p := signontest.New(t, l.clock)
	for what, broken := range map[string]func(*signontest.Provider){
		"down":             func(p *signontest.Provider) { p.Down = true },
		"led elsewhere":    func(p *signontest.Provider) { p.Forward = "http://127.0.0.1:1" },
		"too much to read": func(p *signontest.Provider) { p.Huge = true },
	} {
		p.Change(broken)
		service := auth.New(auth.Config{Store: l.store, Now: l.clock, SignOn: signOnAt(p, false)})
		if _, _, err := service.GoToSignOn(t.Context(), callback, "", auth.Errand{Kind: auth.SignInErrand}); code(t, err) != "sign-on-away" {
			t.Errorf("%s: %v", what, err)
		}
		if _, _, err := service.Authenticate(t.Context(), "amira", passphrase, ""); err != nil {
			t.Errorf("%s: the passphrase answers %v", what, err)
		}
		p.Change(func(p *signontest.Provider) { p.Down, p.Forward, p.Huge = false, "", false })
	}
	config := signOnAt(p, false)
	config.Issuer += "/"
	if _, _, err := auth.New(auth.Config{Store: l.store, Now: l.clock, SignOn: config}).GoToSignOn(t.Context(), callback, "", auth.Errand{}); code(t, err) != "sign-on-away" {
		t.Errorf("a provider of another name answers %v", err)
	}
	l.auth = auth.New(auth.Config{Store: l.store, Now: l.clock, SignOn: signOnAt(p, false)})
	a := l.leave(t, "", auth.Errand{Kind: auth.SignInErrand})
	answer := a.answer(t)
	p.Change(func(p *signontest.Provider) { p.Down = true })
	if _, problem := l.back(t, a, answer); problem != "sign-on-away" {
		t.Errorf("down in between it answers %q", problem)
	}
	p.Change(func(p *signontest.Provider) { p.Down = false })
	l.trip(t, "", auth.Errand{Kind: auth.SignInErrand})
}

func TestOneEnrolsThroughTheOrganisationAndRecoversWithoutIt(t *testing.T) {
	l := newLine(t)
	p := l.organisation(t, false)
	staff, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "amira", Roles: []heed.Role{heed.Specialist}})
	if err != nil {
		t.Fatal(err)
	}
	who := l.trip(t, "", auth.Errand{Kind: auth.EnrolErrand, Link: link})
	if _, _, err := l.auth.SignInBySignOn(t.Context(), "", who); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("signing in with what was for enrolling answers %v", err)
	}
	e, err := l.auth.EnrolBySignOn(t.Context(), "", who)
	if err != nil || len(e.Recovery) != 10 || e.Staff.ID != staff.ID {
		t.Fatal(err)
	}
	if _, err := l.auth.EnrolBySignOn(t.Context(), "", who); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the link again answers %v", err)
	}
	if _, _, err := l.auth.SignInBySignOn(t.Context(), "", l.trip(t, "", auth.Errand{Kind: auth.SignInErrand})); err != nil {
		t.Error(err)
	}
	// It is their only way in, so it stays; a colleague can't take it over; and the provider's loss isn't theirs.
	factors, err := l.auth.Factors(t.Context(), e.Staff)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range factors {
		if f.Kind == heed.SignOn {
			if err := l.auth.RemoveFactor(t.Context(), e.Staff, auth.Site{}, f.ID); code(t, err) != "factor-last" {
				t.Errorf("removing it answers %v", err)
			}
		}
	}
	omar := l.add(t, "omar", heed.RoleLead)
	if err := l.auth.AddSignOn(t.Context(), omar, l.trip(t, "", auth.Errand{Kind: auth.LinkErrand, For: omar.ID})); code(t, err) != "sign-on-taken" {
		t.Errorf("linking what is another's answers %v", err)
	}
	if err := l.auth.AddSignOn(t.Context(), omar, l.trip(t, "", auth.Errand{Kind: auth.LinkErrand, For: e.Staff.ID})); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("linking what another began answers %v", err)
	}
	p.Change(func(p *signontest.Provider) { p.Down = true })
	if _, _, err := l.auth.Recover(t.Context(), "amira", e.Recovery[0], ""); err != nil {
		t.Errorf("recovering without the provider: %v", err)
	}
	_, link, err = l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "chen", Roles: []heed.Role{heed.Custodian}})
	if err != nil {
		t.Fatal(err)
	}
	p.Change(func(p *signontest.Provider) { p.Down, p.Subject = false, "employee-9" })
	if _, err := l.auth.EnrolBySignOn(t.Context(), "", l.trip(t, "", auth.Errand{Kind: auth.EnrolErrand, Link: link})); code(t, err) != "custodian-passphrase" {
		t.Errorf("a custodian without a passphrase answers %v", err)
	}
}

func TestALineMayAskForACodeOfItsOwnAfterTheSignOn(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	p := signontest.New(t, l.clock)
	l.auth = auth.New(auth.Config{Store: l.store, Now: l.clock, Factors: l.factors, SignOn: signOnAt(p, true)})
	l.link(t, amira.Staff)
	browser := auth.NewBrowser()
	var half *auth.SecondStep
	if session, _, err := l.auth.SignInBySignOn(t.Context(), browser, l.trip(t, browser, auth.Errand{Kind: auth.SignInErrand})); !errors.As(err, &half) || session != "" {
		t.Fatalf("the sign-on alone answers %q, %v", session, err)
	}
	session, _, err := l.auth.Second(t.Context(), half.HalfWay, browser, codetest.Code(t, amira.secret, l.clock()))
	if err != nil {
		t.Fatal(err)
	}
	open, err := l.auth.Opened(t.Context(), amira.Staff, session)
	if err != nil || open[0].Way != "sign-on+code" {
		t.Errorf("it is listed as %+v, %v", open, err)
	}
}

func TestAnOpenSignOnProvesNothingAnew(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	p := l.organisation(t, false)
	earlier := l.clock().Add(-time.Hour)
	p.Change(func(p *signontest.Provider) { p.SignsAt = earlier })
	if err := l.auth.AddSignOn(t.Context(), amira, l.trip(t, "", auth.Errand{Kind: auth.LinkErrand, For: amira.ID})); code(t, err) != "sign-on-stale" {
		t.Errorf("linking by a sign-on of an hour ago answers %v", err)
	}
	p.Change(func(p *signontest.Provider) { p.SignsAt = time.Time{} })
	l.link(t, amira)
	for what, change := range map[string]func(*signontest.Provider){
		"a sign-on of an hour ago":       func(p *signontest.Provider) { p.SignsAt = earlier },
		"a sign-on of nobody knows when": func(p *signontest.Provider) { p.Claims = map[string]any{"auth_time": nil} },
	} {
		p.Change(change)
		session, _, err := l.auth.SignInBySignOn(t.Context(), "", l.trip(t, "", auth.Errand{Kind: auth.SignInErrand}))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if fresh, err := l.auth.Proven(t.Context(), session, ""); err != nil || fresh {
			t.Errorf("%s counts as a proof of now, %v", what, err)
		}
		if _, err := l.auth.ProveBySignOn(t.Context(), session, "", l.trip(t, "", auth.Errand{Kind: auth.ProveErrand})); code(t, err) != "sign-on-stale" {
			t.Errorf("%s answers %v", what, err)
		}
	}
	p.Change(func(p *signontest.Provider) { p.SignsAt, p.Claims = time.Time{}, nil })
	session, _, err := l.auth.SignInBySignOn(t.Context(), "", l.trip(t, "", auth.Errand{Kind: auth.SignInErrand}))
	if err != nil {
		t.Fatal(err)
	}
	l.wait(auth.ProofLife)
	renewed, err := l.auth.ProveBySignOn(t.Context(), session, "", l.trip(t, "", auth.Errand{Kind: auth.ProveErrand}))
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := l.auth.Proven(t.Context(), renewed, ""); err != nil || !fresh {
		t.Errorf("signing on anew is no proof: %v", err)
	}
	p.Change(func(p *signontest.Provider) { p.Subject = "employee-8" })
	if _, err := l.auth.ProveBySignOn(t.Context(), renewed, "", l.trip(t, "", auth.Errand{Kind: auth.ProveErrand})); code(t, err) != "sign-on-unlinked" {
		t.Errorf("a colleague's proof answers %v", err)
	}
}

// Strangers reach what takes the provider's answer, and their browser gives back whatever they like. None of it comes in.
func FuzzWhatIsNoAnswerOfTheSignOnOpensNothing(f *testing.F) {
	p := signontest.New(f, time.Now)
	service := auth.New(auth.Config{Store: fuzzStore(f), Now: time.Now, SignOn: signOnAt(p, false)})
	browser := auth.NewBrowser()
	address, kept, err := service.GoToSignOn(f.Context(), callback, browser, auth.Errand{Kind: auth.SignInErrand})
	if err != nil {
		f.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(kept, u.Query().Get("state"), "code", p.URL, "")
	f.Add(kept, u.Query().Get("state"), "", "", "access_denied")
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, kept, state, code, issuer, failure string) {
		who, err := service.BackFromSignOn(t.Context(), browser, kept, auth.Answer{State: state, Code: code, Issuer: issuer, Error: failure})
		var problem *heed.Problem
		if who != nil || !errors.As(err, &problem) {
			t.Fatal(who, err)
		}
	})
}
