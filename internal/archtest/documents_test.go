package archtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/archtest"
)

// root is the module's folder.
var root = filepath.Join("..", "..")

var (
	// quoted is what stands between backticks in a document.
	quoted = regexp.MustCompile("`[^`\n]+`")
	// testName is a test's, a fuzz target's or a benchmark's name, whole or, in a command, its beginning.
	testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	// sentence is a test's name without its "Test", as the threat model's tables name it: three words or more.
	sentence = regexp.MustCompile(`^(?:[A-Z0-9]+[a-z]+){3,}[A-Z0-9]*$`)
	// link is where a document leads, to a place on this or another page.
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// heading is a title of a page; what a link's fragment leaves out of it; and code between fences, where a # is none.
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unlinked  = regexp.MustCompile(`[^\p{L}\p{N}_ -]|\]\([^)]*\)`)
	fencedOff = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	// definition is where a test is written.
	definition = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
)

// A document that says what a test shows is believed by people who don't run it.
func TestEveryTestThatADocumentNamesIsThere(t *testing.T) {
	there := tests(t)
	for _, document := range documents(t) {
		for _, q := range quoted.FindAllString(read(t, document), -1) {
			q = strings.Trim(q, "`")
			for _, name := range named(q) {
				begins := func(n string) bool { return strings.HasPrefix(n, name) }
				if part := strings.ContainsAny(q, " …"); !slices.Contains(there, name) && !(part && slices.ContainsFunc(there, begins)) {
					t.Errorf("%s names %s, and there is no such test", document, name)
				}
			}
		}
	}
}

// Pages lead to each other's sections, whose titles change.
func TestEveryLinkInADocumentLeadsSomewhere(t *testing.T) {
	for _, document := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			path, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, ":") {
				continue // another site's
			}
			target := document
			if path != "" {
				target = filepath.Join(filepath.Dir(document), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s, which isn't there", document, m[1])
			} else if fragment != "" && !slices.Contains(sections(read(t, target)), fragment) {
				t.Errorf("%s leads to %s, and that page has no such section", document, m[1])
			}
		}
	}
}

// sections are the fragments by which a page's titles are reached, as GitHub makes them: what stands there again is counted.
func sections(page string) (fragments []string) {
	seen := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(fencedOff.ReplaceAllString(page, ""), -1) {
		name := strings.ReplaceAll(strings.ToLower(unlinked.ReplaceAllString(m[1], "")), " ", "-")
		fragment := name
		if n := seen[name]; n > 0 {
			fragment += "-" + strconv.Itoa(n)
		}
		seen[name]++
		fragments = append(fragments, fragment)
	}
	return fragments
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// named are the tests that a quotation names.
func named(quotation string) []string {
	if sentence.MatchString(quotation) && !testName.MatchString(quotation) {
		return []string{"Test" + quotation}
	}
	return testName.FindAllString(quotation, -1)
}

// tests are the names of every test of the module.
func tests(t *testing.T) (names []string) {
	t.Helper()
	files, err := archtest.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !file.Test {
			continue
		}
		for _, m := range definition.FindAllStringSubmatch(read(t, filepath.Join(root, file.Path)), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// documents are the paths of what people read about the module.
func documents(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 10 {
		t.Fatalf("%d documents", len(paths))
	}
	return paths
}
