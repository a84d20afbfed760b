package porter

import (
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// What a package of these imports is ready before nearly all else of a line is.
func TestThePorterImportsNothingThatTakesTimeToBeReady(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "porter.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range file.Imports {
		if !slices.Contains([]string{`"errors"`, `"os"`, `"syscall"`}, i.Path.Value) {
			t.Errorf("it imports %s", i.Path.Value)
		}
	}
}
