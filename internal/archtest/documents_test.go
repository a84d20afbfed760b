package archtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	// definition is where a test is written.
	definition = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
)

// A document that says what a test shows is believed by people who don't run it.
func TestEveryTestThatADocumentNamesIsThere(t *testing.T) {
	there := tests(t)
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range quoted.FindAllString(string(text), -1) {
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
		source, err := os.ReadFile(filepath.Join(root, file.Path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range definition.FindAllStringSubmatch(string(source), -1) {
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
