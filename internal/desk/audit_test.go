package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/calibrate"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

// sequencer hangs the line's leaves with a key of its own.
func (l *line) sequencer() *audit.Sequencer {
	key := seal.GenerateSigner()
	begun := time.Now()
	return audit.NewSequencer(audit.SequencerConfig{
		Store: l.store, Line: "test", Signer: key, Verifier: key.Verifier(), Log: slog.New(slog.DiscardHandler),
		Clock: audit.NewClock(l.clock, func() time.Duration { return time.Since(begun) }),
	})
}

func TestTheOverseerSeesWhoReadWhatAndNoWordOfAReport(t *testing.T) {
	l := newLine(t)
	id, other := l.arrive(gas), l.arrive(gas+" Again.")
	amira := l.staff("amira", heed.Specialist)
	for _, report := range []heed.ID{id, other} {
		_, err := l.review.Read(t.Context(), amira, report, "the quokka asks")
		l.must(err)
	}
	b := l.signIn("olu", heed.Overseer)
	all := b.get("/audit")
	if all.status != http.StatusOK || !strings.Contains(all.text(), "amira Read") || !strings.Contains(all.text(), "Received") {
		t.Errorf("%d %s", all.status, all.text())
	}
	for _, word := range []string{"quokka", "gas", gas} {
		if strings.Contains(all.body, word) {
			t.Errorf("the page tells %q", word)
		}
	}
	rows := func(query string) int { return strings.Count(b.get("/audit?"+query).body, `<code class="codes"`) }
	for query, want := range map[string]int{
		"act=report.read": 2, "group=reads&report=" + string(id): 1, "who=" + string(amira.ID) + "&group=reads": 2, "group=erasures": 0,
		"group=reads&till=2020-01-01": 0, "group=reads&from=2020-01-01": 2, "report=nonsense&act=report.read": 2, "act=report.read&before=1": 0,
	} {
		if n := rows(query); n != want {
			t.Errorf("%s shows %d rows, want %d", query, n, want)
		}
	}
	before := rows("group=line")
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: l.clock(), Act: audit.LineBackedUp, Details: []byte("{}")})
	}))
	if n := rows("group=line"); n != before+1 || !strings.Contains(b.get("/audit").text(), "Backup made") {
		t.Errorf("a copy of everything left the line, and the overseer sees %d rows instead of %d", n, before+1)
	}
}

func TestTheAuditIsReadPageByPage(t *testing.T) {
	l := newLine(t)
	amira, id := l.staff("amira", heed.Specialist), l.arrive(gas)
	for range 120 {
		_, err := l.review.Read(t.Context(), amira, id, "queue")
		l.must(err)
	}
	b, n := l.signIn("olu", heed.Overseer), 0
	for path := "/audit?act=report.read"; path != ""; {
		p := b.get(path)
		n += strings.Count(p.body, `<code class="codes"`)
		path = ""
		if m := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(p.body); m != nil {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if n != 120 {
		t.Errorf("%d reads on all pages", n)
	}
}

func TestErrorRatesStandBesideWhatTheyAreCountedOf(t *testing.T) {
	l := newLine(t)
	lead, second := l.staff("lea", heed.Specialist, heed.RoleLead), l.staff("sam", heed.Specialist, heed.RoleLead)
	urgent, calm := l.arrive(gas), l.arrive("The lamp in Mill Lane flickers.")
	l.must(l.review.SetUrgency(t.Context(), lead, urgent, heed.Immediate, "children are near it"))
	l.must(l.review.SetCategory(t.Context(), lead, calm, "environment"))
	_, err := l.review.Dispose(t.Context(), lead, urgent, review.Decision{Kind: heed.Close, Reason: "it was mended at once"})
	l.must(err)
	l.must(l.review.Approve(t.Context(), second, urgent))
	var rates *audit.Rates
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		rates, err = audit.CountRates(t.Context(), tx, l.clock().Add(-time.Hour), l.clock().Add(time.Minute))
		return err
	}))
	if rates.Screened != 2 || rates.Decided != 1 || rates.Category != 1 || rates.Lowered != 0 || rates.Pairs[audit.Pair{First: lead.ID, Second: second.ID}].Approved != 1 {
		t.Errorf("%+v", rates)
	}
	b := l.signIn("olu", heed.Overseer)
	p := b.get("/audit/rates?days=7")
	if p.status != http.StatusOK || !strings.Contains(p.text(), "Category changed by people 1 2 50.0%") || !strings.Contains(p.text(), "lea sam 1 0") {
		t.Errorf("%d %s", p.status, p.text())
	}
	if french := b.get("/audit/rates?days=7&lang=fr"); !strings.Contains(french.text(), " 1 2 50,0") {
		t.Errorf("in French: %s", french.text())
	}
}

func TestLargeNumbersInTablesAreGroupedAsTheReadersLanguageGroupsThem(t *testing.T) {
	l := newLine(t)
	now := l.clock()
	l.update(func(ctx context.Context, tx heed.Tx) error {
		for range 1_234 {
			leaf, err := audit.Leaf(audit.ReportScreened, "", heed.NewID(now), now, nil)
			if err != nil {
				return err
			}
			if err := tx.AddLeaf(ctx, leaf); err != nil {
				return err
			}
		}
		return nil
	})
	_, err := l.store.(*sqlite.Store).WriteDB().ExecContext(t.Context(), `INSERT INTO call_hours VALUES (?, 'en', 2345, 2001, 1999, 1998, 1997, 1996, 0, 0)`, now.Truncate(time.Hour).UnixMilli())
	l.must(err)
	l.putModel("line-1a2b3c4d", heed.ModelOffered, "report", "nobody")
	olu, lea := l.signIn("olu", heed.Overseer), l.signIn("lea", heed.RoleLead)
	for _, c := range []struct {
		b          *browser
		path, want string
	}{
		{olu, "/audit/rates?days=7", "0 1,234"},
		{olu, "/audit/rates?days=7&lang=es", "0 1.234"},
		{lea, "/hotline", "English 2,345 2,001 1,999 85% 1,998 1,997 1,996"},
		{lea, "/hotline", "Together 2,345 2,001 1,999 85% 1,998 1,997 1,996"},
		{lea, "/models", "Immediate: called so 4,000 75.0%"},
		{lea, "/models", "1,300 1.3%"},
		{lea, "/models?lang=es", "4.000 75,0"},
	} {
		if said := c.b.get(c.path).text(); !strings.Contains(said, c.want) {
			t.Errorf("%s lacks %q: %s", c.path, c.want, said)
		}
	}
}

func TestTheOverseerSeesWhatSettingAsideMisses(t *testing.T) {
	const advert = "BEST PRICES!!! Buy followers now, cheap loans, click http://win.example/prize and claim your free prize today!!!"
	l := newLine(t)
	lead := l.staff("lea", heed.Specialist, heed.RoleLead)
	overseer := l.signIn("olu", heed.Overseer)
	if p := overseer.get("/audit/rates"); !strings.Contains(p.text(), "Nothing is set aside yet.") || !strings.Contains(p.text(), "0 of the 299 needed") {
		t.Errorf("before anything is set aside: %s", p.text())
	}
	l.setsAside(0) // the least relevant of those that people found relevant is to the machine not relevant at all
	if p := overseer.get("/audit/rates"); !strings.Contains(p.text(), "Nothing is set aside: among the reports that people found relevant") {
		t.Errorf("a threshold of nothing: %s", p.text())
	}
	l.setsAside(0.2)
	l.arrive(advert)
	l.arrive(gas) // queued, and undecided
	if p := overseer.get("/audit/rates"); !strings.Contains(p.text(), "nobody decided about one yet") {
		t.Errorf("before anybody read blind: %s", p.text())
	}
	l.blind = true
	missed, right := l.arrive(advert+" 1"), l.arrive(advert+" 2")
	l.arrive(advert + " 3") // and nobody has read this one
	_, err := l.review.Dispose(t.Context(), lead, missed, review.Decision{Kind: heed.Hold, Reason: "a fraud that goes on"})
	l.must(err)
	_, err = l.review.Dispose(t.Context(), lead, right, review.Decision{Kind: heed.Close, Reason: "an advert"})
	l.must(err)
	b := l.signIn("amira", heed.Specialist)
	if p := b.get("/reports/" + string(l.arrive(advert+" 4"))); !strings.Contains(p.text(), "says nothing of relevance") || strings.Contains(p.text(), "irrelevant") {
		t.Errorf("the page of a blind reading: %s", p.text())
	}
	p := overseer.get("/audit/rates?days=7")
	for _, want := range []string{"less than 20.0% relevant. With 95.0% confidence it sets aside at most 1.0% of", "on 450 reports", "drawn for it 2 4 50.0%", "relevant after all 1 2 50.0% (95%: 9.5% to 90.5%)",
		"of 5 reports set aside, about 3 are relevant (95%: 1 to 4), 1 of which people have found. That is 100.0% of all relevant reports (95%: 50.0% to 100.0%)",
		"Promised is at most 1.0%, with 95.0% confidence: more is missed than promised."} {
		if !strings.Contains(p.text(), want) {
			t.Errorf("without %q: %s", want, p.text())
		}
	}
}

func TestTheOverseerReadsWhyTheMachineRefusesInWordsTheCommonestFirst(t *testing.T) {
	l := newLine(t)
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		for _, rule := range []string{"category.official-secrets", "belief", "belief"} {
			details := fmt.Appendf(nil, `{"act":{"kind":"refuse","state":"approved","rules":[%q]}}`, rule)
			if err := tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: l.clock(), Act: audit.ReportApproved, Actor: "lea", Report: heed.NewID(l.clock()), Details: details}); err != nil {
				return err
			}
		}
		return nil
	}))
	if p := l.signIn("olu", heed.Overseer).get("/audit/rates?days=7"); !strings.Contains(p.text(), "Number about who someone is, or about an opinion 2 words about: Protected official information 1") {
		t.Errorf("%s", p.text())
	}
}

// setsAside gives the line a threshold as if it had been fitted.
func (l *line) setsAside(below float64) {
	l.t.Helper()
	asked := l.profile.Screening.SetAside
	t := review.Threshold{Missed: asked.Missed, Confidence: asked.Confidence, Model: screening.ShippedVersion(), At: l.clock(), Since: l.clock()}
	t.Fit = calibrate.Fit{Below: below, Evidence: 300, Needed: 299, Reports: 450, Accounts: 3, Largest: 0.333}
	b, err := json.Marshal(t)
	l.must(err)
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return tx.PutSetting(l.t.Context(), review.SettingThreshold, b) }))
}

func TestAWitnessGetsCheckpointsWithProofs(t *testing.T) {
	l := newLine(t)
	s := l.sequencer()
	hang := func() {
		_, _, err := s.Run(t.Context())
		l.must(err)
	}
	l.arrive(gas)
	hang()
	l.wait(10 * time.Minute)
	l.arrive(gas + " Again.")
	hang()
	p := l.program("witness", heed.Overseer)
	got := p.call("GET", "/checkpoints", nil)
	all, _ := got.body["checkpoints"].([]any)
	if got.status != http.StatusOK || len(all) != 2 {
		t.Fatalf("%d %v", got.status, got.body)
	}
	var trees []audit.Checkpoint
	for _, line := range all {
		c, err := audit.Open([]byte(line.(map[string]any)["checkpoint"].(string)), "test", s.Verifier)
		l.must(err)
		trees = append(trees, c)
	}
	proof := audit.InclusionLine{LeafLine: audit.LeafLine{Hash: audit.EmptyRoot().String()}}
	for _, h := range all[1].(map[string]any)["proof"].([]any) {
		proof.Proof = append(proof.Proof, h.(string))
	}
	_, hashes, err := proof.Hashes()
	l.must(err)
	l.must(audit.CheckConsistency(hashes, trees[0].Size, trees[1].Size, trees[0].Root, trees[1].Root))
	if a := l.program("robot", heed.Specialist, heed.RoleLead, heed.Admin).call("GET", "/checkpoints", nil); a.status != http.StatusForbidden {
		t.Errorf("everybody gets them: %d", a.status)
	}
	if a := p.call("GET", "/checkpoints?since=4000000", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a proof from a larger tree: %d %v", a.status, a.body)
	}
	b := l.signIn("olu", heed.Overseer)
	shown := b.get("/audit/checkpoints")
	m := regexp.MustCompile(`href="(/audit/checkpoints/\d+)"`).FindStringSubmatch(shown.body)
	if m == nil {
		t.Fatal(shown.text())
	}
	if file := b.get(m[1]); !strings.Contains(file.header.Get("Content-Disposition"), "attachment") || file.body != all[0].(map[string]any)["checkpoint"] {
		t.Errorf("%v %s", file.header, file.body)
	}
	if file := b.get(m[1] + "1"); file.status != http.StatusNotFound {
		t.Errorf("%d", file.status)
	}
}

func TestADoubtedClockIsShownAndBelievedByTwoPeople(t *testing.T) {
	l := newLine(t)
	s := l.sequencer()
	run := func() {
		_, _, err := s.Run(t.Context())
		l.must(err)
	}
	run()
	l.wait(2 * time.Hour) // sessions of before would have ended
	lead, admin, olu := l.signIn("lea", heed.RoleLead), l.signIn("adam", heed.Admin), l.signIn("olu", heed.Overseer)
	specialist := l.signIn("amira", heed.Specialist)
	run()
	for name, b := range map[string]*browser{"lead": lead, "admin": admin, "overseer": olu} {
		if p := b.get("/clock"); !strings.Contains(p.body, `class="alarm"`) {
			t.Errorf("the %s isn't told: %d %s", name, p.status, p.text())
		}
	}
	if p := specialist.get("/queue/review"); strings.Contains(p.body, `class="alarm"`) {
		t.Error("a specialist is alarmed")
	}
	if p := olu.post("/clock"); p.status != http.StatusForbidden {
		t.Errorf("the overseer changed something: %d", p.status)
	}
	if p := lead.post("/clock"); p.status != http.StatusOK || !strings.Contains(p.text(), "lea says") {
		t.Errorf("%d %s", p.status, p.text())
	}
	if p := lead.post("/clock"); p.status != http.StatusForbidden {
		t.Errorf("one person said it twice: %d", p.status)
	}
	if p := admin.post("/clock"); p.status != http.StatusOK {
		t.Errorf("%d %s", p.status, p.text())
	}
	run()
	if p := lead.get("/clock"); strings.Contains(p.body, `class="alarm"`) || !strings.Contains(p.text(), "is believed") {
		t.Errorf("%s", p.text())
	}
	if err := auth.Allow(nil, auth.ClockBelieve, auth.Resource{}); err == nil {
		t.Error("anybody may")
	}
}

// That those with nearly the same text are set aside would tell a blind reader what the machine thinks of this one.
func TestABlindReaderIsNotToldThatTheOthersOfACampaignAreSetAside(t *testing.T) {
	const advert = "BEST PRICES!!! Buy followers now, cheap loans, click http://win.example/prize and claim your free prize today, this week only, all over town!!!"
	l := newLine(t)
	l.setsAside(0.2)
	for i := range 6 {
		l.arrive(fmt.Sprintf("%s %d", advert, i))
	}
	l.blind = true
	id := l.arrive(advert + " 7")
	p := l.signIn("amira", heed.Specialist).get("/reports/" + string(id))
	_, others, _ := strings.Cut(p.body, "<summary>See the others</summary>")
	others, _, _ = strings.Cut(others, "</details>")
	if !strings.Contains(p.text(), "says nothing of relevance") || strings.Count(others, "<li>") != 6 {
		t.Fatalf("no blind reading of one of many: %s", p.text())
	}
	if strings.Contains(strings.ToLower(others), "aside") {
		t.Errorf("the others are told to be %s", others)
	}
}
