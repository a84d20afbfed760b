package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var actForm = regexp.MustCompile(`^[a-z]+\.[a-z-]+$`)

// actsIn gathers the acts that a file names: constants of package audit and those named Act…, what is passed to a function named
// leaf or Leaf, and what a variable named act is set to there. Acts that are put together from
// pieces it doesn't see.
func actsIn(file *ast.File, found map[string]string, where string) {
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && actForm.MatchString(text) {
				found[text] = where
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, value := range n.Values {
				if strings.HasPrefix(n.Names[i].Name, "Act") || strings.HasSuffix(where, "audit/leaf.go") {
					add(value)
				}
			}
		case *ast.CallExpr:
			called := ""
			switch f := n.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			if strings.EqualFold(called, "leaf") {
				for _, arg := range n.Args {
					add(arg)
				}
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if name, ok := to.(*ast.Ident); ok && name.Name == "act" && i < len(n.Rhs) {
					add(n.Rhs[i])
				}
			}
		}
		return true
	})
}

func TestEveryActHasANameInEveryLanguage(t *testing.T) {
	acts := map[string]string{}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "storetest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				actsIn(file, acts, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range []string{"line.restored", "identity.erased", "staff.limited", "token.created", "report.received"} {
		if acts[one] == "" {
			t.Errorf("%s isn't found in the code: this test looks in the wrong place", one)
		}
	}
	files, err := filepath.Glob("../../web/locales/desk.*.toml")
	if err != nil || len(files) != 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, act := range slices.Sorted(maps.Keys(acts)) {
			if !strings.Contains(string(text), "\n\"act."+act+"\" = \"") {
				t.Errorf("%s has no words for %s, an act of %s", filepath.Base(file), act, acts[act])
			}
		}
	}
}
