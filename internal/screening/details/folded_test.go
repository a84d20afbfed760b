package details

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Rules look at folded text: one that waits for a character which folding replaces never finds anything.
func TestNoRuleWaitsForWhatFoldingTakesAway(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "han.go" { // han.go reads the original
			continue
		}
		set := gotoken.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "wordSet" || name.Name == "byKind") {
					return false // they fold what they are given
				}
			case *ast.BasicLit:
				if n.Kind != gotoken.STRING && n.Kind != gotoken.CHAR {
					return true
				}
				text := n.Value
				if n.Kind == gotoken.STRING {
					if text, err = strconv.Unquote(text); err != nil {
						t.Fatal(err)
					}
				}
				for _, r := range text {
					if checked++; r > 0x7F && fold.String(string(r)) != string(r) && !strings.ContainsRune(readUnfolded, r) {
						t.Errorf("%s: %q stands in a rule, and in no folded text", set.Position(n.Pos()), r)
					}
				}
			}
			return true
		})
	}
	if checked < 1000 {
		t.Errorf("only %d characters of rules were read", checked)
	}
}

// readUnfolded are what some rules read in the original, or fold first themselves.
const readUnfolded = "！？：“äйи後"
