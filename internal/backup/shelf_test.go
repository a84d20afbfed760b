package backup

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAnUnfinishedArchiveOfKeysEndsAsAWholeOneAndIsNeverTakenForOne(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	put := func(name string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := put(KeysName(now.Add(-KeysLife-time.Second)) + Unfinished) // left by a crash
	whole, begun := put(KeysName(now.Add(-time.Hour))), put(KeysName(now)+Unfinished)
	if n, err := DropExpired(dir, now); n != 1 || err != nil {
		t.Errorf("%d deleted, %v", n, err)
	}
	for path, stays := range map[string]bool{old: false, whole: true, begun: true} {
		if _, err := os.Stat(path); os.IsNotExist(err) == stays {
			t.Errorf("%s stays %t: %v", filepath.Base(path), !stays, err)
		}
	}
	if newest, err := NewestKeys(dir); newest != whole || err != nil {
		t.Errorf("the newest is %s, %v", newest, err)
	}
}
