package profile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// changed is the embedded profile with one piece replaced.
func changed(t *testing.T, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(defaultYAML, []byte(old)) {
		t.Fatalf("the embedded profile has no %q", old)
	}
	return bytes.Replace(defaultYAML, []byte(old), []byte(new), 1)
}

func TestEachFaultIsNamedAtItsLineAndColumn(t *testing.T) {
	_, plain := seal.GenerateRecipient(false)
	_, hybrid := seal.GenerateRecipient(true)
	const engine = "    url: \"\" # its root: https://models.internal/v1, or http on this machine\n    model: \"\" # as the server calls it\n"
	const trunk = "    host: \"\" # sip.provider.example, or with a port: pbx.example:5080\n    transport: udp # udp or tcp (both in clear), or tls\n"
	const user = "    user: \"\" # who the line is there\n"
	const speech = "    url: \"\"\n    model: \"\"\n    key_file: \"\"\n    ca_file: \"\"\n    timeout: 10m #"
	cases := []struct{ name, old, new, at, says string }{
		{"an unknown key", "  time_zone: UTC", "  timezone: UTC", "timezone: UTC", `line.timezone: this key is unknown; did you mean "time_zone"?`},
		{"a wrong kind", "  files: 20 #", "  files: many #", "many #", "limits.files: a whole number is expected here"},
		{"a bad duration", "  screening: 5m", "  screening: soon", "soon", `a duration such as "5m"`},
		{"a duration of nothing", "  screening: 5m", "  screening: 0s", "0s", `a duration such as "5m"`},
		{"deadlines in the wrong order", "  preliminary: 3h", "  preliminary: 300h", "300h", "can't be due after the conclusion"},
		{"a zone that isn't", "  time_zone: UTC", "  time_zone: Mars/North", "Mars/North", "there is no time zone"},
		{"a size that isn't", "file_bytes: 2 GiB", "file_bytes: big", "big #", `"100 MiB"`},
		{"a size beyond the most", "report_bytes: 20 GiB", "report_bytes: 50 GiB", "50 GiB", "limits.report_bytes: a number from"},
		{"a share that isn't", "    missed: 1% #", "    missed: 1 #", "1 #", `screening.set_aside.missed: a share such as "1%" is expected here`},
		{"a share above the most", "    missed: 1% #", "    missed: 11% #", "11% #", "screening.set_aside.missed: a share from 0.1% to 10%"},
		{"a share of no number", "    missed: 1% #", "    missed: NaN% #", "NaN% #", `a share such as "1%"`},
		{"too little confidence", "    confidence: 95% #", "    confidence: 50 % #", "50 % #", "screening.set_aside.confidence: a share from 80% to 99.9%"},
		{"a language that isn't", "languages: [en,", "languages: [en, klingon-x,", "klingon-x", "not a language tag"},
		{"a text that lacks a language", "    ru: Город-пример\n", "", "en: Example City", "line.operator: a text is missing in ru"},
		{"an unknown category of a department", "categories: [transport]", "categories: [transprt]", "transprt]", `there is no category "transprt"`},
		{"a bad key", "    recipients: []", "    recipients: [age1nonsense]", "age1nonsense", "not an age public key"},
		{"mixed keys", "    recipients: []", "    recipients: [" + hybrid + ", " + plain + "]", plain + "]", "all hybrid"},
		{"an id there twice", "  - id: made-safe", "  - id: passed-on", "passed-on", `"passed-on" is there twice`},
		{"a rule that doesn't compile", `  - when: category == "transport"`, `  - when: category == transprt`, "transprt", "the rule doesn't compile: undeclared reference to 'transprt'"},
		{"a rule cut short", `  - when: category == "transport"`, `  - when: category ==`, "", "the rule doesn't compile"},
		{"a rule that answers no yes or no", `  - when: category == "transport"`, `  - when: category + "transport"`, `category + "transport"`, "must answer true or false"},
		{"a rule that never matches", `  - when: category == "transport"`, `  - when: category == "transprt"`, `"transprt"`, `there is no category "transprt"`},
		{"a rule to nobody", "    department: transport\n", "    department: trnsport\n", "trnsport", `there is no department "trnsport"`},
		{"a number that isn't", `number: "112"`, `number: "call us"`, `"call us"`, "not a telephone number"},
		{"a way out that isn't safe", "url: https://www.wikipedia.org/", "url: javascript:alert(1)", "javascript:alert(1)", "https address"},
		{"mail in clear to elsewhere", "    host: \"\" # empty: no mail\n    port: 587\n    security: starttls # or tls; none only for a server on this machine\n    user: \"\"\n    password_file: \"\"\n    from: \"\"", "    host: mail.example\n    port: 25\n    security: none\n    from: a@b.example", "none", "only for a server on this machine"},
		{"a character that turns a page around", "    en: Example City", "    en: \"Example \u202eCity\"", `"Example`, "U+202E"},
		{"an anchor", "  time_zone: UTC", "  time_zone: &z UTC", "&z", "anchors"},
		{"a missing value", "  time_zone: UTC", "  time_zone:", "", "a value is missing"},
		{"a sign-on in clear", "    issuer: \"\" # empty: none; else as the provider spells it, https://sso.example\n    client_id: \"\"\n    client_secret_file: \"\"\n", "    issuer: http://sso.example\n    client_id: heed\n    client_secret_file: f\n    name: {en: A, zh-Hans: A, es: A, fr: A, ar: A, ru: A, pt: A}\n", "http://sso.example", "sign_in.oidc.issuer: an https address"},
		{"a sign-on of nobody", `    client_id: ""`, `    client_id: heed`, `issuer: ""`, "sign_in.oidc: issuer is missing"},
		{"a sign-on without a name", "    issuer: \"\" # empty: none; else as the provider spells it, https://sso.example\n    client_id: \"\"\n    client_secret_file: \"\"\n", "    issuer: https://sso.example\n    client_id: heed\n    client_secret_file: f\n", "issuer: https", "sign_in.oidc.name: a text is missing"},
		{"a sign-on without a secret", "    issuer: \"\" # empty: none; else as the provider spells it, https://sso.example\n    client_id: \"\"\n    client_secret_file: \"\"\n", "    issuer: https://sso.example\n    client_id: heed\n    name: {en: A, zh-Hans: A, es: A, fr: A, ar: A, ru: A, pt: A}\n", "issuer: https", "client_secret_file is missing"},
		{"a second step of nobody's", "second_step: provider", "second_step: never", "never", "provider or required"},
		{"an engine on the open internet", engine, "    url: https://203.0.113.7/v1\n    model: small\n", "https://203.0.113.7/v1", "engines.language.url: this address is not on your own network"},
		{"an engine in clear", engine, "    url: http://10.0.0.7/v1\n    model: small\n", "http://10.0.0.7/v1", "engines.language.url: an https address"},
		{"an engine with a query", engine, "    url: https://10.0.0.7/v1?key=k\n    model: small\n", "https://10.0.0.7/v1?key=k", "engines.language.url: an https address"},
		{"an engine without a model", engine, "    url: https://10.0.0.7/v1\n    model: \"\"\n", "", "engines.language: model is missing"},
		{"an engine that hears, on the open internet", speech, "    url: https://203.0.113.7/v1\n    model: small\n    timeout: 10m #", "https://203.0.113.7/v1", "engines.speech.url: this address is not on your own network"},
		{"an engine that hears for ever", speech, "    url: https://10.0.0.7/v1\n    model: small\n    timeout: 2h #", "2h #", "engines.speech.timeout: this is at least 1s and at most 1h"},
		{"a caller's language that the line hasn't", "  languages: [] #", "  languages: [en, de] #", "de] #", `phone.languages[1]: "de" is no language of the line`},
		{"a caller's language twice", "  languages: [] #", "  languages: [en, en] #", "en] #", `phone.languages[1]: "en" is there twice`},
		{"a trunk of nobody's", "    register: false #", "    register: true #", "", "phone.trunk: host is missing"},
		{"a trunk that isn't", trunk, "    host: \"sip:pbx.example\"\n    transport: udp\n", `"sip:pbx.example"`, "phone.trunk.host: a name or an address is expected here"},
		{"a trunk by what isn't", trunk, "    host: pbx.example:5080\n    transport: ws\n", "ws", "phone.trunk.transport: udp, tcp or tls"},
		{"a trunk that nobody registers with", trunk + "    user: \"\" # who the line is there\n    secret_file: \"\" #", "    host: \"[2001:db8::1]\"\n    transport: tls\n    secret_file: x #", "", "phone.trunk: user is missing"},
		{"a realm of nobody's", "    realm: \"\" #", "    realm: pbx #", "", "phone.trunk: host is missing"},
		{"a realm without a secret", trunk + user + "    secret_file: \"\" # file with its secret: a long random one (openssl rand -base64 24)\n    realm: \"\" #", "    host: pbx.example\n    transport: tls\n    user: line\n    realm: pbx #", "", "phone.trunk: secret_file is missing"},
		{"a realm of more than a line", trunk + user + "    secret_file: \"\" # file with its secret: a long random one (openssl rand -base64 24)\n    realm: \"\" #", "    host: pbx.example\n    transport: tls\n    user: line\n    secret_file: x\n    realm: \"pbx\\nours\" #", `"pbx\nours"`, "phone.trunk.realm: a line of up to 255 bytes"},
		{"a recording of no length", "  take: 15m #", "  take: 30s #", "30s #", "phone.take: what a caller says at once"},
		{"too few sentences", "      - Tell us here about something dangerous, unfair or against the law.\n", "", "- A person reads what you write", "three sentences"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := changed(t, c.old, c.new)
			_, err := Parse("profile.yaml", source)
			var faults *Faults
			if !errors.As(err, &faults) || !errors.Is(err, heed.ErrInvalid) {
				t.Fatalf("%v", err)
			}
			if len(faults.List) != 1 {
				t.Errorf("%d faults, want 1:\n%v", len(faults.List), err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\ndoesn't say %q", err, c.says)
			}
			if c.at == "" {
				return
			}
			f := faults.List[0]
			line := strings.Split(string(source), "\n")[f.Line-1]
			if runes := []rune(line); f.Column > len(runes) || !strings.HasPrefix(string(runes[f.Column-1:]), c.at) {
				t.Errorf("%d:%d points into %q, want it at %q", f.Line, f.Column, line, c.at)
			}
			if want := fmt.Sprintf("profile.yaml:%d:%d: ", f.Line, f.Column); !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "^") {
				t.Errorf("%v\ndoesn't begin with %s and point", err, want)
			}
		})
	}
}

func TestAFaultInABlockRuleIsFoundOnItsOwnLine(t *testing.T) {
	source := changed(t, `  - when: category == "transport"`, "  - when: |\n      channel == \"web\" &&\n        urgncy == \"high\"")
	_, err := Parse("profile.yaml", source)
	var faults *Faults
	if !errors.As(err, &faults) || len(faults.List) != 1 {
		t.Fatalf("%v", err)
	}
	f := faults.List[0]
	if line := strings.Split(string(source), "\n")[f.Line-1]; !strings.HasPrefix(line[f.Column-1:], "urgncy") {
		t.Errorf("%d:%d points into %q", f.Line, f.Column, line)
	}
}

func TestAllFaultsAreListedAtOnce(t *testing.T) {
	source := bytes.ReplaceAll(defaultYAML, []byte("    zh-Hans: "), []byte("    zh-Hant: "))
	_, err := Parse("profile.yaml", source)
	var faults *Faults
	if !errors.As(err, &faults) || len(faults.List) < 40 {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); strings.Count(text, "\n") > 4*maxFaults || !strings.Contains(text, "more") {
		t.Error("the list is not cut")
	}
	for i := 1; i < len(faults.List); i++ {
		if faults.List[i].Line < faults.List[i-1].Line {
			t.Fatal("the faults are not in the order of the file")
		}
	}
}

func TestWhatIsNoProfileAtAllIsRefusedWithAPlace(t *testing.T) {
	for name, source := range map[string]string{
		"nothing": "", "a list": "- a\n- b\n", "a word": "hello", "two documents": "a: 1\n---\nb: 2\n", "not UTF-8": "line: \xff\xfe",
		"a NUL": "line: a\x00b", "brackets": strings.Repeat("[", 3000), "braces": strings.Repeat("{a: ", 3000), "dashes": strings.Repeat("- ", 3000),
		"questions": strings.Repeat("? ", 3000), "cut short": "line: {name: [", "a tab": "line:\n\tname: x", "twice": "languages: [en]\nlanguages: [fr]",
		"huge": strings.Repeat("# comment\n", 200_000), "anchors": strings.Repeat("&a ", 100), "an alias bomb": "a: &a [x,x]\nb: &b [*a,*a]\nline: *b",
	} {
		start := time.Now()
		_, err := Parse("x.yaml", []byte(source))
		var faults *Faults
		if !errors.As(err, &faults) || len(faults.List) == 0 || !strings.HasPrefix(err.Error(), "x.yaml:") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestTheFirstMatchingRuleProposesTheDepartment(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		facts Facts
		want  string
	}{
		{Facts{Category: "fraud-scam", Urgency: heed.Immediate}, "anti-fraud"},
		{Facts{Category: "other", Urgency: heed.Immediate}, "police-liaison"},
		{Facts{Category: "other", Urgency: heed.Low}, ""},
	} {
		if got, err := p.Route(c.facts); got != c.want || err != nil {
			t.Errorf("%+v → %q, %v", c.facts, got, err)
		}
	}
}

func TestTheHourOfARuleIsTheLinesOwn(t *testing.T) {
	source := bytes.Replace(changed(t, "  time_zone: UTC", "  time_zone: Asia/Shanghai"), []byte(`urgency == "immediate"`), []byte("hour >= 22 && weekday == 1"), 1)
	p, err := Parse("x", source)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC) // Monday, 22:30 in Shanghai
	if got, err := p.Route(Facts{Category: "other", ReceivedAt: at}); got != "police-liaison" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestARuleThatCostsTooMuchIsAnErrorAndTheOthersStillCount(t *testing.T) {
	costly := `[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, a+b+c+d > 0))))`
	p, err := Parse("x", changed(t, `  - when: category in ["hazard", "disaster"]`, `  - when: "`+costly+`"`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Route(Facts{Category: "transport"})
	if err == nil || got != "transport" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestADepartmentsKeysSayHowItsPackagesAreSealed(t *testing.T) {
	for _, pq := range []bool{true, false} {
		_, r := seal.GenerateRecipient(pq)
		p, err := Parse("x", changed(t, "    recipients: []", "    recipients:\n      - "+r))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Departments[0].Kind(); (got == Hybrid) != pq {
			t.Errorf("%s is called %s", r[:10], got)
		}
		if got := p.Departments[1].Kind(); got != "" {
			t.Errorf("a department without a key is called %s", got)
		}
	}
}

func TestALanguageFallsBackToItsNearest(t *testing.T) {
	text := Text{"en": "en", "zh-Hans": "zh", "pt": "pt"}
	for lang, want := range map[string]string{"zh-Hans": "zh", "zh": "zh", "zh-Hant-TW": "zh", "pt-BR": "pt", "ja": "en", "": "en", "en-GB": "en"} {
		if got := text.In(lang); got != want {
			t.Errorf("%s reads %s", lang, got)
		}
	}
	if got := (Text{"fr": "f", "de": "d"}).In("ja"); got != "d" {
		t.Errorf("without English: %s", got)
	}
	if got := Text(nil).In("en"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestAProfileIsLoadedFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profile.yaml")
	if _, err := Load(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(path, DefaultYAML(), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := Load(path); err != nil || p.Words("pt-BR").Purpose[0] == "" {
		t.Errorf("%v", err)
	}
}

func TestDurationsAndSizes(t *testing.T) {
	for s, want := range map[string]time.Duration{"5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "30d": 30 * day, "1y": year, " 2d ": 2 * day} {
		if got, err := ParseDuration(s); got != want || err != nil {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0d", "-1d", "1.5d", "d", "5", "99999999999y", "1000000y"} {
		if got, err := ParseDuration(s); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q is %v", s, got)
		}
	}
	for s, want := range map[string]int64{"1": 1, "2 KiB": 2048, "3MB": 3e6, "1 GiB": 1 << 30, "10_000": 10_000, "7 B": 7} {
		if got, err := parseSize(s); got != want || err != nil {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "-1", "1.5 MiB", "9999999999 GiB", "MiB", "1 TB"} {
		if got, err := parseSize(s); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("line:\n  name: {en: x}\nlanguages: [en]\n"))
	f.Add([]byte("routing:\n  - when: |\n      a ==\n    department: x\n"))
	f.Add([]byte("wording: {en: {purpose: [a, b, c]}}"))
	f.Add([]byte("departments: [{id: a, recipients: [age1x]}]\nlimits: {file_bytes: 1 GiB}"))
	f.Add([]byte("a: >-\n  b\n\nc: 'd"))
	f.Fuzz(func(t *testing.T, source []byte) {
		p, err := Parse("x", source)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
	})
}
