package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// standards are WCAG 2.2 A and AA, and axe's best practices.
var standards = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}

// Contrast is the rule about colours, which takes axe nearly half of its time.
const Contrast = "color-contrast"

// Axe holds the page of a tab to what axe-core finds by all rules but some; scripts are on in it. The package lies two folders below the root,
// where the tool is looked for; without it a test is skipped, but with CI=true it fails.
func Axe(t testing.TB, tab context.Context, what string, but ...string) {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "..", "test", "browser", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		err = fmt.Errorf("axe-core isn't installed (scripts/install-test-deps): %w", err)
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	left := map[string]any{}
	for _, rule := range but {
		left[rule] = map[string]bool{"enabled": false}
	}
	options, err := json.Marshal(map[string]any{"runOnly": standards, "rules": left, "resultTypes": []string{"violations"}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := chromedp.Run(tab, chromedp.Evaluate[string](string(axe)+`; axe.run(document, `+string(options)+`).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var found []struct {
		ID    string
		Help  string
		Nodes []struct{ HTML, FailureSummary string }
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		for _, node := range v.Nodes {
			t.Errorf("%s: %s: %s\n%s\n%s", what, v.ID, v.Help, node.HTML, node.FailureSummary)
		}
	}
}
