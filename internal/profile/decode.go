package profile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxSource and maxDepth bound what the YAML parser, which recurses, is given.
const (
	maxSource = 1 << 20
	maxDepth  = 40
)

type place struct{ line, column int }

// decoder fills a struct from a YAML tree and remembers where every key's value stood, which no library does for faults
// that are only found afterwards.
type decoder struct {
	faults *Faults
	places map[string]place
	lines  []string
}

// decode reads source into p. It returns nil where nothing could be read at all.
func decode(source []byte, p *Profile, f *Faults) *decoder {
	d := &decoder{faults: f, places: map[string]place{"": {1, 1}}, lines: strings.Split(string(source), "\n")}
	if at, problem := unreadable(source); problem != "" {
		f.fatal = true
		f.add(at, "", "%s", problem)
		return nil
	}
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		f.fatal = true
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil {
			f.add(placeOf(y.GetToken()), "", "this is not YAML: %s", y.GetMessage())
			return nil
		}
		f.add(place{}, "", "this is not YAML")
		return nil
	}
	var docs []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			docs = append(docs, doc.Body)
		}
	}
	if len(docs) != 1 {
		f.fatal = true
		f.add(place{}, "", "the file must hold one document, and holds %d", len(docs))
		return nil
	}
	d.value(docs[0], reflect.ValueOf(p).Elem(), "", "")
	return d
}

// unreadable finds what the parser must not be given: foreign bytes, too much, or nesting that no profile needs.
func unreadable(source []byte) (place, string) {
	if len(source) > maxSource {
		return place{}, fmt.Sprintf("the file is larger than %d KiB", maxSource>>10)
	}
	depth := 0
	for n, line := range bytes.Split(source, []byte("\n")) {
		at := place{n + 1, 1}
		if !utf8.Valid(line) {
			return at, "this line is not UTF-8"
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return at, "this line holds a NUL byte"
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
		}
		indicators := len(line) - len(bytes.TrimLeft(line, " -?:&*!|>\t"))
		if depth > maxDepth || bytes.Count(line[:indicators], []byte("- "))+bytes.Count(line, []byte("? ")) > maxDepth ||
			bytes.Count(line, []byte("&"))+bytes.Count(line, []byte("!")) > maxDepth {
			return at, "this is nested too deeply"
		}
	}
	return place{}, ""
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{t.Position.Line, t.Position.Column}
}

// start is where a node's first character stands; a mapping's own token is its first colon.
func start(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key.GetToken())
	}
	return placeOf(n.GetToken())
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	words        = map[reflect.Kind]string{
		reflect.Struct: "keys", reflect.Map: "keys", reflect.Slice: "a list", reflect.String: "a text",
		reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Int64: "a size", reflect.Float64: `a share such as "1%"`,
	}
)

func (d *decoder) value(n ast.Node, v reflect.Value, key, unit string) {
	at := start(n)
	d.places[key] = at
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.faults.add(at, key, "anchors, aliases and tags aren't used in a profile; write the value out")
		return
	case *ast.NullNode:
		if k := v.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Struct {
			return // a key whose lines are all commented out
		}
		d.faults.add(at, key, "a value is missing")
		return
	}
	if v.Type() == durationType {
		d.duration(n, v, key)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fields(n, v, key)
	case reflect.Map:
		d.entries(n, v, key)
	case reflect.Slice:
		d.items(n, v, key)
	default:
		d.scalar(n, v, key, unit)
	}
}

func (d *decoder) mismatch(n ast.Node, v reflect.Value, key string) {
	want := words[v.Kind()]
	if v.Type() == durationType {
		want = `a duration such as "5m", "3h", "30d" or "1y"`
	}
	d.faults.add(start(n), key, "%s is expected here", want)
}

// pairs lists the entries of a mapping, in either of the parser's two shapes.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func (d *decoder) fields(n ast.Node, v reflect.Value, key string) {
	values, ok := pairs(n)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	known := map[string]int{}
	var names []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			known[name] = i
			names = append(names, name)
		}
	}
	for _, e := range values {
		name := e.Key.GetToken().Value
		i, ok := known[name]
		if !ok {
			d.faults.add(placeOf(e.Key.GetToken()), join(key, name), "this key is unknown%s", suggestion(name, names))
			continue
		}
		d.value(e.Value, v.Field(i), join(key, name), v.Type().Field(i).Tag.Get("unit"))
	}
}

// suggestion names the known keys, nearest spelling first where one is near.
func suggestion(name string, names []string) string {
	for _, n := range names {
		if strings.EqualFold(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name), strings.ReplaceAll(n, "_", "")) ||
			strings.HasPrefix(n, name) || strings.HasPrefix(name, n) {
			return fmt.Sprintf("; did you mean %q?", n)
		}
	}
	sorted := slices.Sorted(slices.Values(names))
	return "; known here: " + strings.Join(sorted, ", ")
}

func (d *decoder) entries(n ast.Node, v reflect.Value, key string) {
	values, ok := pairs(n)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, e := range values {
		name := e.Key.GetToken().Value
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, item, join(key, name), "")
		m.SetMapIndex(reflect.ValueOf(name), item)
	}
	v.Set(m)
}

func (d *decoder) items(n ast.Node, v reflect.Value, key string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, e := range seq.Values {
		d.value(e, list.Index(i), fmt.Sprintf("%s[%d]", key, i), "")
	}
	v.Set(list)
}

// text is a scalar's text as it was written.
func text(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (d *decoder) scalar(n ast.Node, v reflect.Value, key, unit string) {
	s, ok := text(n)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	s = strings.TrimSpace(s)
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, isBool := n.(*ast.BoolNode)
		if !isBool {
			d.mismatch(n, v, key)
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		number, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
		if unit == "bytes" {
			number, err = parseSize(s)
		}
		if err != nil {
			if unit == "bytes" {
				d.faults.add(start(n), key, `a size such as "100 MiB" or "2 GiB" is expected here`)
				return
			}
			d.mismatch(n, v, key)
			return
		}
		v.SetInt(number)
	case reflect.Float64:
		share, err := parseShare(s)
		if err != nil {
			d.mismatch(n, v, key)
			return
		}
		v.SetFloat(share)
	}
}

func (d *decoder) duration(n ast.Node, v reflect.Value, key string) {
	s, ok := text(n)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	t, err := ParseDuration(s)
	if err != nil {
		d.mismatch(n, v, key)
		return
	}
	v.SetInt(int64(t))
}
