package desk_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/web/webtest"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	webtest.Close()
	os.Exit(code)
}

func TestBytesThatAStoreDoesNotTakeAreTheAskersFaultNotOurs(t *testing.T) {
	store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := newLineOn(t, store)
	id := string(l.arrive(gas))
	b, p := l.signIn("amira", heed.Specialist, heed.Admin), l.program("robot", heed.Specialist)
	for _, odd := range []string{"a%00b", "%FF", "short"} {
		for _, path := range []string{"/reports/" + odd, "/queue/review/rows/" + odd, "/reports/" + id + "/files/" + odd + "/copy"} {
			if got := b.get(path); got.status != http.StatusNotFound {
				t.Errorf("GET %s answers %d", path, got.status)
			}
		}
		for _, path := range []string{
			"/staff/" + odd + "/link", "/staff/" + odd + "/disable", "/staff/" + odd + "/enable", "/reports/" + odd + "/claim",
			"/reports/" + odd + "/dispose", "/reports/" + id + "/files/" + odd + "/redaction",
		} {
			if got := b.post(path, "kind", "close"); got.status != http.StatusNotFound {
				t.Errorf("POST %s answers %d", path, got.status)
			}
		}
		if got := p.call("GET", "/reports/"+odd, nil); got.status != http.StatusNotFound || got.body["code"] != "not-found" {
			t.Errorf("the API answers %s with %d: %v", odd, got.status, got.body)
		}
		for path, body := range map[string]any{"/claim": nil, "/approve": nil, "/messages": map[string]string{"text": "Where?"},
			"/disposition": map[string]string{"kind": "close", "reason": "nothing to be done"}} {
			if got := p.call("POST", "/reports/"+odd+path, body); got.status != http.StatusNotFound {
				t.Errorf("the API answers %s%s with %d: %v", odd, path, got.status, got.body)
			}
		}
		if got := b.get("/queue/review?category=" + odd); got.status != http.StatusOK {
			t.Errorf("the queue of the category %s answers %d", odd, got.status)
		}
		if got := p.call("GET", "/reports?category="+odd, nil); got.status >= http.StatusInternalServerError {
			t.Errorf("the API's queue of the category %s answers %d", odd, got.status)
		}
	}
	lead := map[string]string{"kind": "duplicate", "reason": "the same again", "lead": "a\x00b"}
	if got := p.call("POST", "/reports/"+id+"/disposition", lead); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an odd lead answers %d: %v", got.status, got.body)
	}
	for _, name := range []string{"a\x00b", "a\xff"} {
		if got := l.browser().post("/sign-in", "name", name, "passphrase", passphrase); got.status != http.StatusForbidden {
			t.Errorf("signing in as %q answers %d", name, got.status)
		}
	}
}

func TestTheBannerOfAProposedRefusalStaysWhereverTheReportHasBeen(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive("The woman upstairs wears a headscarf and goes to the mosque every Friday. Thought you should know."))
	b := l.signIn("amira", heed.Specialist)
	const banner = "The machine proposes to refuse this report."
	if p := b.get("/reports/" + id); !contains(p, banner) {
		t.Fatalf("at first: %s", p.text())
	}
	b.post("/reports/"+id+"/dispose", "kind", "hold", "reason", "the house must be found first")
	b.post("/reports/" + id + "/claim")
	if p := b.get("/reports/" + id); !contains(p, banner) {
		t.Errorf("after a hold: %s", p.text())
	}
}

func contains(p page, words string) bool { return strings.Contains(p.text(), words) }
