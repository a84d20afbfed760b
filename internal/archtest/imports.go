// Package archtest reads the imports of every package of this module, so that its tests can hold them to the layers of
// docs/architecture.md. It looks at source text alone and imports only the standard library.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// Module is the path under which this module's packages are imported.
const Module = "github.com/heed-line/heed"

// File is one Go file with what it imports.
type File struct {
	Package  string   // its folder in the module, with slashes; "." is the root
	Path     string   // its path in the module
	Test     bool     // its name ends in _test.go
	External bool     // of a test package that sees only what the folder's package exports
	Doc      bool     // it has a package comment
	Imports  []string // as written; of this module without the module's path ("internal/seal", "." for the root)
}

// Read lists every Go file below the module's folder, leaving out testdata, node_modules and hidden folders.
func Read(root string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := read(root, path)
		if err != nil {
			return err
		}
		files = append(files, *file)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the module's imports: %w", err)
	}
	return files, nil
}

func read(root, path string) (*File, error) {
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	file := &File{
		Package: filepath.ToSlash(filepath.Dir(relative)), Path: filepath.ToSlash(relative),
		Test: strings.HasSuffix(path, "_test.go"), External: strings.HasSuffix(parsed.Name.Name, "_test"), Doc: hasDoc(parsed),
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		file.Imports = append(file.Imports, inModule(imported))
	}
	return file, nil
}

func hasDoc(file *ast.File) bool { return file.Doc != nil && strings.TrimSpace(file.Doc.Text()) != "" }

// inModule strips the module's path off its own packages.
func inModule(imported string) string {
	if imported == Module {
		return "."
	}
	return strings.TrimPrefix(imported, Module+"/")
}

// Standard reports whether the import is of the standard library: its first element has no dot, and it is none of ours.
func Standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return imported != "." && !strings.Contains(first, ".") && !Own(imported)
}

// Own reports whether the import is of this module.
func Own(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return imported == "." || first == "internal" || first == "cmd" || first == "web"
}
