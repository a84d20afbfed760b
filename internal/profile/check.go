package profile

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/heed-line/heed"
)

// checker judges a profile whose keys were read, and points at the values that are wrong.
type checker struct {
	faults    *Faults
	places    map[string]place
	source    []string
	languages []string // the well-formed ones
}

// place is where a key's value stands, or the nearest key above it that is there.
func (c *checker) place(key string) place {
	for {
		if at, ok := c.places[key]; ok {
			return at
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return c.places[""]
		}
		key = key[:cut]
	}
}

func (c *checker) fault(key, format string, args ...any) {
	c.faults.add(c.place(key), key, format, args...)
}

func (p *Profile) check(c *checker) {
	c.theLanguages(p)
	c.line(p)
	c.numbers(p)
	c.onion(p)
	c.exit(p)
	c.wording(p)
	c.categories(p)
	c.urgencies(p)
	c.departments(p)
	c.outcomes(p)
	c.routing(p)
	c.times(p)
	c.limits(p)
	c.notify(p)
	c.signIn(p)
	c.engines(p)
	c.knownFiles(p)
	c.clamd(p)
	c.screening(p)
	c.phone(p)
}

var (
	idForm     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	numberForm = regexp.MustCompile(`^[+*#0-9][-+*#0-9 ()/]{0,30}$`)
)

const (
	maxShort = 100  // characters of a name
	maxLong  = 1000 // of a sentence
)

// words judges one wording: some text, of a bearable length, without control or direction characters that could
// change how a page reads.
func (c *checker) words(key, s string, limit int) {
	switch {
	case strings.TrimSpace(s) == "":
		c.fault(key, "a text is missing")
	case utf8.RuneCountInString(s) > limit:
		c.fault(key, "a text here has at most %d characters", limit)
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c' {
			c.fault(key, "the character U+%04X can't stand in a text", r)
			return
		}
	}
}

// text judges a Text: present in every language of the line and in no other.
func (c *checker) text(key string, t Text, limit int) {
	if len(t) == 0 {
		c.fault(key, "a text is missing in every language")
		return
	}
	var missing []string
	for _, l := range c.languages {
		if _, ok := t[l]; !ok {
			missing = append(missing, l)
		}
	}
	if len(missing) > 0 {
		c.fault(key, "a text is missing in %s", strings.Join(missing, ", "))
	}
	c.foreign(key, t)
	for l, s := range t {
		c.words(key+"."+l, s, limit)
	}
}

func (c *checker) foreign(key string, t Text) {
	for l := range t {
		if !slices.Contains(c.languages, l) {
			c.fault(key+"."+l, "%q is not among the line's languages", l)
		}
	}
}

// ids judges a list's ids: formed as ids and each there once.
func (c *checker) ids(list string, n int, id func(int) string) {
	seen := map[string]bool{}
	for i := range n {
		key := fmt.Sprintf("%s[%d].id", list, i)
		switch v := id(i); {
		case v == "":
			c.fault(key, "an id is missing")
		case !idForm.MatchString(v) || len(v) > 40:
			c.fault(key, "an id has lower-case letters, digits and single hyphens, at most 40 of them")
		case seen[v]:
			c.fault(key, "%q is there twice", v)
		default:
			seen[v] = true
		}
	}
}

func (c *checker) line(p *Profile) {
	c.text("line.name", p.Line.Name, maxShort)
	c.text("line.operator", p.Line.Operator, maxShort)
	for i, country := range p.Line.Countries {
		if region, err := language.ParseRegion(country); err != nil || region.String() != country || !region.IsCountry() {
			c.fault(fmt.Sprintf("line.countries[%d]", i), "%q is not a country's code of ISO 3166-1, in two capitals (\"GB\")", country)
		}
	}
	zone, err := time.LoadLocation(p.Line.TimeZone)
	if err != nil || p.Line.TimeZone == "" || p.Line.TimeZone == "Local" {
		c.fault("line.time_zone", "there is no time zone %q; write it as in \"Europe/Lisbon\"", p.Line.TimeZone)
		return
	}
	p.zone = zone
}

func (c *checker) theLanguages(p *Profile) {
	if len(p.Languages) == 0 {
		c.fault("languages", "a line has at least one language")
	}
	c.languages = nil
	for i, l := range p.Languages {
		key := fmt.Sprintf("languages[%d]", i)
		if t, err := language.Parse(l); err != nil || t.String() != l {
			c.fault(key, "%q is not a language tag as BCP 47 writes it (\"en\", \"zh-Hans\", \"pt-BR\")", l)
			continue // one fault, and not one more for each text that lacks it
		}
		c.languages = append(c.languages, l)
		if slices.Index(p.Languages, l) < i {
			c.fault(key, "%q is there twice", l)
		}
	}
}

func (c *checker) numbers(p *Profile) {
	for name, list := range map[string][]Number{"numbers.emergency": p.Numbers.Emergency, "numbers.support": p.Numbers.Support} {
		if len(list) == 0 {
			c.fault(name, "at least one number is needed here: people in danger look for it")
		}
		for i, n := range list {
			key := fmt.Sprintf("%s[%d]", name, i)
			if !numberForm.MatchString(n.Number) {
				c.fault(key+".number", "this is not a telephone number as people dial it")
			}
			c.text(key+".label", n.Label, maxShort)
		}
	}
}

func (c *checker) exit(p *Profile) {
	if u, err := url.Parse(p.Exit.URL); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		c.fault("exit.url", "an https address that everybody might visit is expected here")
	}
	c.text("exit.title", p.Exit.Title, maxShort)
}

func (c *checker) wording(p *Profile) {
	for _, l := range c.languages {
		if _, ok := p.Wording[l]; !ok {
			c.fault("wording", "the wording is missing in %s", l)
		}
	}
	for l, w := range p.Wording {
		key := "wording." + l
		if !slices.Contains(c.languages, l) {
			c.fault(key, "%q is not among the line's languages", l)
		}
		if len(w.Purpose) != 3 {
			c.fault(key+".purpose", "three sentences are expected: what the line is for, what happens next, that emergencies go elsewhere")
		}
		for name, list := range map[string][]string{"purpose": w.Purpose, "next": w.Next, "privacy": w.Privacy} {
			if n := len(list); n < 1 || n > 5 {
				c.fault(key+"."+name, "one to five sentences are expected here")
			}
			for i, s := range list {
				c.words(fmt.Sprintf("%s.%s[%d]", key, name, i), s, maxLong)
			}
		}
		c.words(key+".danger", w.Danger, maxLong)
		c.words(key+".suicide", w.Suicide, maxLong)
		c.words(key+".closed", w.Closed, maxLong)
		if w.Hours != "" {
			c.words(key+".hours", w.Hours, maxLong)
		}
	}
}

func (c *checker) categories(p *Profile) {
	if len(p.Categories) == 0 {
		c.fault("categories", "a line has at least one category")
	}
	c.ids("categories", len(p.Categories), func(i int) string { return p.Categories[i].ID })
	for i, k := range p.Categories {
		key := fmt.Sprintf("categories[%d]", i)
		c.text(key+".name", k.Name, maxShort)
		if len(k.Hint) > 0 {
			c.text(key+".hint", k.Hint, maxLong)
		}
	}
}

func (c *checker) urgencies(p *Profile) {
	ids := make([]heed.Urgency, len(p.Urgencies))
	for i, u := range p.Urgencies {
		ids[i] = u.ID
		c.text(fmt.Sprintf("urgencies[%d].name", i), u.Name, maxShort)
	}
	if !slices.Equal(ids, heed.Urgencies[:]) {
		c.fault("urgencies", "the four urgencies are immediate, high, normal and low, in this order; only their names are yours")
	}
}

func (c *checker) departments(p *Profile) {
	c.ids("departments", len(p.Departments), func(i int) string { return p.Departments[i].ID })
	for i := range p.Departments {
		d, key := &p.Departments[i], fmt.Sprintf("departments[%d]", i)
		c.text(key+".name", d.Name, maxShort)
		for j, id := range d.Categories {
			if _, ok := p.Category(id); !ok {
				c.fault(fmt.Sprintf("%s.categories[%d]", key, j), "there is no category %q", id)
			}
		}
		if d.Liaison != "" {
			c.address(key+".liaison", d.Liaison)
		}
		c.recipients(d, key+".recipients")
	}
}

func (c *checker) outcomes(p *Profile) {
	if len(p.Outcomes) == 0 {
		c.fault("outcomes", "departments need at least one outcome to answer with")
	}
	c.ids("outcomes", len(p.Outcomes), func(i int) string { return p.Outcomes[i].ID })
	for i, o := range p.Outcomes {
		key := fmt.Sprintf("outcomes[%d]", i)
		c.text(key+".name", o.Name, maxShort)
		c.text(key+".wording", o.Wording, maxLong)
	}
}

func (c *checker) times(p *Profile) {
	d := p.Deadlines
	if d.Screening > d.Preliminary {
		c.fault("deadlines.screening", "screening can't be due after the preliminary decision")
	}
	if d.Preliminary > d.Conclusion {
		c.fault("deadlines.preliminary", "the preliminary decision can't be due after the conclusion")
	}
	for key, v := range map[string]time.Duration{
		"deadlines.screening": d.Screening, "deadlines.preliminary": d.Preliminary, "deadlines.conclusion": d.Conclusion, "deadlines.approval": d.Approval,
	} {
		if v < time.Minute || v > year {
			c.fault(key, "a deadline lies between 1m and 1y")
		}
	}
	for key, v := range map[string]time.Duration{
		"retention.set_aside": p.Retention.SetAside, "retention.closed": p.Retention.Closed,
		"retention.referred": p.Retention.Referred, "retention.receipts": p.Retention.Receipts,
	} {
		if v < day || v > 30*year {
			c.fault(key, "what is kept is kept between 1d and 30y")
		}
	}
}

func (c *checker) limits(p *Profile) {
	for key, v := range map[string]struct{ value, least, most int64 }{
		"limits.text":           {int64(p.Limits.Text), 500, 200_000},
		"limits.message":        {int64(p.Limits.Message), 200, 50_000},
		"limits.messages":       {int64(p.Limits.Messages), 2, 1000},
		"limits.files":          {int64(p.Limits.Files), 0, 100},
		"limits.file_bytes":     {p.Limits.FileBytes, 1 << 10, 2 << 30},
		"wellbeing.pause_after": {int64(p.Wellbeing.PauseAfter), 0, 10_000},
		"limits.report_bytes":   {p.Limits.ReportBytes, 1 << 10, 40 << 30},
	} {
		if v.value < v.least || v.value > v.most {
			c.fault(key, "a number from %d to %d is expected here", v.least, v.most)
		}
	}
	if p.Limits.ReportBytes < p.Limits.FileBytes {
		c.fault("limits.report_bytes", "one report's files together can't be smaller than one file")
	}
}

func (c *checker) address(key, s string) {
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || strings.ContainsAny(s, "\r\n") {
		c.fault(key, "this is not an e-mail address")
	}
}

func (c *checker) notify(p *Profile) {
	n := &p.Notify
	for name, list := range map[string][]string{"specialists": n.Specialists, "leads": n.Leads, "duty_officer": n.DutyOfficer} {
		for i, a := range list {
			c.address(fmt.Sprintf("notify.%s[%d]", name, i), a)
		}
	}
	if n.DeskURL != "" && !webAddress(n.DeskURL) {
		c.fault("notify.desk_url", "an https address is expected here (http only on this machine)")
	}
	if s := n.SMTP; s.Host != "" {
		c.address("notify.smtp.from", s.From)
		if s.Port < 1 || s.Port > 65535 {
			c.fault("notify.smtp.port", "a port lies between 1 and 65535")
		}
		if !slices.Contains([]string{"starttls", "tls", "none"}, s.Security) {
			c.fault("notify.smtp.security", "starttls, tls or none is expected here")
		}
		if s.Security == "none" && !loopback(s.Host) {
			c.fault("notify.smtp.security", "mail without TLS is only for a server on this machine")
		}
		if (s.User == "") != (s.PasswordFile == "") {
			c.fault("notify.smtp", "user and password_file belong together")
		}
	}
	if w := n.Webhook; w.URL != "" {
		if !webAddress(w.URL) {
			c.fault("notify.webhook.url", "an https address is expected here (http only on this machine)")
		}
		if w.SecretFile == "" {
			c.fault("notify.webhook", "secret_file is missing: the receiver can't tell our messages from others'")
		}
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// rootAddress reports whether s is a webAddress to which paths can be added.
func rootAddress(s string) bool { return webAddress(s) && !strings.ContainsAny(s, "?#") }

// webAddress reports whether s is https, or http on this machine.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.User == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}
