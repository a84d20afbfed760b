package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/heed-line/heed/internal/archtest"
	files "github.com/heed-line/heed/web"
)

// codes gathers the codes of every Problem that a package's source makes: those in a Problem itself, those that are handed to a
// parameter called code, and those that come out of a function as what is called code.
type codes struct {
	takers map[string][]int // by function: which of its arguments are codes
	givers map[string]bool  // functions whose first result is a code
	found  map[string]bool
}

// learn notes which functions of a file take or give codes.
func (c *codes) learn(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			c.takes(n.Name.Name, n.Type, n.Body)
		case *ast.AssignStmt:
			if name, isName := n.Lhs[0].(*ast.Ident); isName {
				if fn, isFunc := n.Rhs[0].(*ast.FuncLit); isFunc {
					c.takes(name.Name, fn.Type, fn.Body)
				}
				if call, isCall := n.Rhs[0].(*ast.CallExpr); isCall && name.Name == "code" {
					c.givers[called(call.Fun)] = true
				}
			}
		}
		return true
	})
}

// takes notes a function that makes a Problem of its parameter called code.
func (c *codes) takes(name string, fn *ast.FuncType, body *ast.BlockStmt) {
	if body == nil { // in assembly
		return
	}
	made := false
	ast.Inspect(body, func(n ast.Node) bool {
		if lit, isLit := n.(*ast.CompositeLit); isLit && called(lit.Type) == "Problem" {
			made = made || called(codeIn(lit)) == "code"
		}
		return true
	})
	if !made {
		return
	}
	at := 0
	for _, field := range fn.Params.List {
		for _, param := range field.Names {
			if param.Name == "code" {
				c.takers[name] = append(c.takers[name], at)
			}
			at++
		}
	}
}

// gather notes the codes that stand in a file.
func (c *codes) gather(file *ast.File) {
	var within []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			within = within[:len(within)-1]
			return true
		}
		within = append(within, n)
		switch n := n.(type) {
		case *ast.CompositeLit:
			c.ofProblem(n)
		case *ast.CallExpr:
			for _, at := range c.takers[called(n.Fun)] {
				if at < len(n.Args) {
					c.add(n.Args[at])
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if name, isName := left.(*ast.Ident); isName && name.Name == "code" && len(n.Lhs) == len(n.Rhs) {
					c.add(n.Rhs[i])
				}
			}
		case *ast.ReturnStmt:
			if fn := enclosing(within); fn != nil && c.givers[fn.Name.Name] && len(n.Results) > 0 {
				c.add(n.Results[0])
			}
		}
		return true
	})
}

// ofProblem notes the code in a Problem, or in each of Problems.
func (c *codes) ofProblem(lit *ast.CompositeLit) {
	switch called(lit.Type) {
	case "Problems":
		for _, one := range lit.Elts {
			if one, isLit := one.(*ast.CompositeLit); isLit {
				c.add(codeIn(one))
			}
		}
	case "Problem":
		c.add(codeIn(lit))
	}
}

// codeIn is what stands for the Code in a Problem; nil: nothing does.
func codeIn(problem *ast.CompositeLit) ast.Expr {
	for _, element := range problem.Elts {
		if pair, isPair := element.(*ast.KeyValueExpr); isPair && called(pair.Key) == "Code" {
			return pair.Value
		}
	}
	return nil
}

func (c *codes) add(value ast.Expr) {
	lit, isLit := value.(*ast.BasicLit)
	if !isLit || lit.Kind != token.STRING {
		return
	}
	if code, err := strconv.Unquote(lit.Value); err == nil && code != "" {
		c.found[code] = true
	}
}

// called is the name that an expression ends in, without its package or receiver.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func enclosing(within []ast.Node) *ast.FuncDecl {
	for _, n := range slices.Backward(within) {
		if fn, isFunc := n.(*ast.FuncDecl); isFunc {
			return fn
		}
	}
	return nil
}

// problemCodes are the codes of every Problem of the module.
func problemCodes(t *testing.T) []string {
	t.Helper()
	all, err := archtest.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]*ast.File{}
	for _, f := range all {
		if f.Test || strings.HasPrefix(f.Path, "cmd/") { // a command's own words are English
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, f.Path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		folder := path.Dir(filepath.ToSlash(f.Path))
		packages[folder] = append(packages[folder], file)
	}
	found := map[string]bool{}
	for _, files := range packages {
		c := codes{map[string][]int{}, map[string]bool{}, found}
		for _, file := range files {
			c.learn(file)
		}
		for _, file := range files {
			c.gather(file)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// texts are the keys of what is said in a language.
func texts(t *testing.T, tag string) map[string]any {
	t.Helper()
	said := map[string]any{}
	folder, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{tag + ".toml", "*." + tag + ".toml"} {
		names, err := fs.Glob(folder, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := toml.DecodeFS(folder, name, &said); err != nil {
				t.Fatal(err)
			}
		}
	}
	return said
}

func TestEveryProblemIsSaidInEveryLanguage(t *testing.T) {
	found := problemCodes(t)
	if len(found) < 100 || !slices.Contains(found, "custodian-last") || !slices.Contains(found, "passphrase-common") || !slices.Contains(found, "name-empty") {
		t.Fatalf("only %d codes: %v", len(found), found)
	}
	for _, tag := range []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"} {
		said := texts(t, tag)
		for _, code := range found {
			if said["problem."+code] == nil {
				t.Errorf("%s: nobody wrote problem.%s", tag, code)
			}
		}
	}
}
