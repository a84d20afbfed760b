package profile

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// keys lists every key of a profile as docs/profile.md writes it.
func keys(t reflect.Type, prefix string) (all []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			continue
		}
		key := prefix + name
		all = append(all, key)
		switch f.Type.Kind() {
		case reflect.Struct:
			all = append(all[:len(all)-1], keys(f.Type, key+".")...)
		case reflect.Slice:
			if e := f.Type.Elem(); e.Kind() == reflect.Struct && e != reflect.TypeFor[Number]() {
				all = append(all, keys(e, key+"[].")...)
			}
		case reflect.Map:
			if e := f.Type.Elem(); e.Kind() == reflect.Struct {
				all = append(all[:len(all)-1], keys(e, key+".….")...)
			}
		}
	}
	return all
}

func TestTheDocumentDescribesEveryKeyAndNoOther(t *testing.T) {
	b, err := os.ReadFile("../../docs/profile.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"numbers.….number": true, "numbers.….label": true}
	for _, k := range keys(reflect.TypeFor[Profile](), "") {
		known[k] = true
	}
	described := map[string]bool{}
	for _, line := range strings.Split(string(b), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cell, _, _ := strings.Cut(line[2:], "|")
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			described[m[1]] = true
			if !known[m[1]] {
				t.Errorf("%s is described and unknown", m[1])
			}
		}
	}
	for k := range known {
		if !described[k] {
			t.Errorf("%s is not described", k)
		}
	}
}
