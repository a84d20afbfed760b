package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// The name of an archive of keys is shelfPrefix, its moment and shelfSuffix: "heed-keys-20261126T174100Z.age".
const (
	shelfPrefix = "heed-keys-"
	shelfForm   = "20060102T150405Z"
	shelfSuffix = ".age"
)

// KeysName is how the archive of keys of that moment is called.
func KeysName(at time.Time) string { return shelfPrefix + at.UTC().Format(shelfForm) + shelfSuffix }

// Unfinished ends the name of an archive in the making. One that a crash left holds keys as a whole one does.
const Unfinished = ".part"

// keysMoment reads what KeysName wrote.
func keysMoment(name string) (time.Time, bool) {
	text, is := strings.CutPrefix(name, shelfPrefix)
	text, ends := strings.CutSuffix(text, shelfSuffix)
	at, err := time.Parse(shelfForm, text)
	return at, is && ends && err == nil
}

// NewestKeys is the youngest archive of keys in the folder. ErrNotFound: there is none.
func NewestKeys(dir string) (string, error) {
	entries, err := os.ReadDir(dir) // sorted, as the names tell the time
	if err != nil {
		return "", fmt.Errorf("looking for archives of keys: %w", err)
	}
	newest := ""
	for _, e := range entries {
		if _, is := keysMoment(e.Name()); is {
			newest = filepath.Join(dir, e.Name())
		}
	}
	if newest == "" {
		return "", fmt.Errorf("no archive of keys in %s: %w", dir, heed.ErrNotFound)
	}
	return newest, nil
}

// Expired lists the archives of keys in the folder, unfinished ones too, that have been kept for as long as they may. A folder that isn't there has none.
func Expired(dir string, now time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for old archives of keys: %w", err)
	}
	var old []string
	for _, e := range entries {
		if at, is := keysMoment(strings.TrimSuffix(e.Name(), Unfinished)); is && now.Sub(at) > KeysLife {
			old = append(old, filepath.Join(dir, e.Name()))
		}
	}
	return old, nil
}

// DropExpired deletes the archives of keys in the folder that have been kept for as long as they may, and says how many those were.
func DropExpired(dir string, now time.Time) (int, error) {
	old, err := Expired(dir, now)
	if err != nil {
		return 0, err
	}
	for i, path := range old {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return i, fmt.Errorf("deleting an old archive of keys: %w", err)
		}
	}
	return len(old), nil
}
