package storetest_test

import (
	"path/filepath"
	"slices"
	"testing"
)

// A backup of the one store is taken in by the other where its schema's number is no higher (cmd/heed).
func TestBothStoresHaveMigrationsOfTheSameNames(t *testing.T) {
	names := func(store string) (names []string) {
		found, err := filepath.Glob(filepath.Join("..", store, "migrations", "*.sql"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%v: %d migrations of %s", err, len(found), store)
		}
		for _, path := range found {
			names = append(names, filepath.Base(path))
		}
		return names
	}
	if one, other := names("sqlite"), names("postgres"); !slices.Equal(one, other) {
		t.Errorf("%q are not %q", one, other)
	}
}
