package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
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
	var docs []*yaml.Node
	for from := yaml.NewDecoder(bytes.NewReader(source)); ; {
		var doc yaml.Node
		err := from.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			f.fatal = true
			at, says := syntax(err)
			f.add(at, "", "this is not YAML: %s", says)
			return nil
		}
		docs = append(docs, doc.Content...)
	}
	if len(docs) != 1 {
		f.fatal = true
		f.add(place{}, "", "the file must hold one document, and holds %d", len(docs))
		return nil
	}
	d.value(docs[0], reflect.ValueOf(p).Elem(), "", "")
	return d
}

// inLine is how the parser begins to say what it can't read.
var inLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax is where a file stops being YAML, to the line, and what the parser says of it.
func syntax(err error) (place, string) {
	says := err.Error()
	found := inLine.FindStringSubmatch(says)
	if found == nil {
		return place{}, says
	}
	line, _ := strconv.Atoi(found[1]) // without one the file as a whole
	return place{line, 1}, says[len(found[0]):]
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

// start is where a node's first character stands.
func start(n *yaml.Node) place { return place{n.Line, n.Column} }

var (
	durationType = reflect.TypeFor[time.Duration]()
	words        = map[reflect.Kind]string{
		reflect.Struct: "keys", reflect.Map: "keys", reflect.Slice: "a list", reflect.String: "a text",
		reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Int64: "a size", reflect.Float64: `a share such as "1%"`,
	}
)

func (d *decoder) value(n *yaml.Node, v reflect.Value, key, unit string) {
	at := start(n)
	d.places[key] = at
	switch {
	case shared(n):
		d.faults.add(at, key, "anchors, aliases and tags aren't used in a profile; write the value out")
		return
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
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

func (d *decoder) mismatch(n *yaml.Node, v reflect.Value, key string) {
	want := words[v.Kind()]
	if v.Type() == durationType {
		want = `a duration such as "5m", "3h", "30d" or "1y"`
	}
	d.faults.add(start(n), key, "%s is expected here", want)
}

// shared reports whether a node is written elsewhere, is named to be, or claims a type.
func shared(n *yaml.Node) bool {
	return n.Anchor != "" || n.Kind == yaml.AliasNode || n.Style&yaml.TaggedStyle != 0
}

// entry is a key of a mapping and its value.
type entry struct {
	name  string
	at    place // of the key
	value *yaml.Node
}

// pairs lists the entries of a mapping. Of a key that is there twice the second is a fault.
func (d *decoder) pairs(n *yaml.Node, key string) (all []entry, ok bool) {
	if n.Kind != yaml.MappingNode {
		return nil, false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" || shared(k) {
			d.faults.add(start(k), key, "anchors, aliases and tags aren't used in a profile, and a key is a word; write the key out")
			continue
		}
		if line, twice := first[k.Value]; twice {
			d.faults.add(start(k), join(key, k.Value), "this key stands in line %d already", line)
			continue
		}
		first[k.Value] = k.Line
		all = append(all, entry{k.Value, start(k), n.Content[i+1]})
	}
	return all, true
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func (d *decoder) fields(n *yaml.Node, v reflect.Value, key string) {
	values, ok := d.pairs(n, key)
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
		i, ok := known[e.name]
		if !ok {
			d.faults.add(e.at, join(key, e.name), "this key is unknown%s", suggestion(e.name, names))
			continue
		}
		d.value(e.value, v.Field(i), join(key, e.name), v.Type().Field(i).Tag.Get("unit"))
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

func (d *decoder) entries(n *yaml.Node, v reflect.Value, key string) {
	values, ok := d.pairs(n, key)
	if !ok {
		d.mismatch(n, v, key)
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, e := range values {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, item, join(key, e.name), "")
		m.SetMapIndex(reflect.ValueOf(e.name), item)
	}
	v.Set(m)
}

func (d *decoder) items(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.SequenceNode {
		d.mismatch(n, v, key)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, e := range n.Content {
		d.value(e, list.Index(i), fmt.Sprintf("%s[%d]", key, i), "")
	}
	v.Set(list)
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, key, unit string) {
	if n.Kind != yaml.ScalarNode {
		d.mismatch(n, v, key)
		return
	}
	s := strings.TrimSpace(n.Value)
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.mismatch(n, v, key)
			return
		}
		v.SetBool(strings.EqualFold(s, "true"))
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

func (d *decoder) duration(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.ScalarNode {
		d.mismatch(n, v, key)
		return
	}
	t, err := ParseDuration(n.Value)
	if err != nil {
		d.mismatch(n, v, key)
		return
	}
	v.SetInt(int64(t))
}
