package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// lineFlags say where a line keeps what it keeps; every command that touches one takes them.
type lineFlags struct {
	Data     string `help:"Folder of the line: its database, sealed files, keys and profile." default:"data" type:"path" placeholder:"DIR"`
	Store    string `help:"Database: postgres://… ; the default is SQLite in the data folder." placeholder:"URL"`
	Blobs    string `help:"Folder of sealed files; the default is in the data folder." placeholder:"DIR"`
	Keystore string `help:"Folder of the keys; the default is in the data folder. Keep it out of backups and snapshots." placeholder:"DIR"`
	Profile  string `help:"The line profile; the default is profile.yaml in the data folder." type:"path" placeholder:"FILE"`
}

// AfterApply refuses what can't be right before anything is opened.
func (f *lineFlags) AfterApply() error {
	switch scheme, _, _ := strings.Cut(f.Store, "://"); {
	case f.Store == "", scheme == "postgres", scheme == "postgresql":
	default:
		return usagef("--store must be a postgres:// URL, or empty for SQLite in the data folder")
	}
	for _, dir := range []struct{ flag, value string }{{"--blobs", f.Blobs}, {"--keystore", f.Keystore}} {
		if _, err := folder(dir.value); err != nil {
			return usagef("%s: %w", dir.flag, err)
		}
	}
	return nil
}

// folder reads a folder's path, or its file:// URL.
func folder(value string) (string, error) {
	if !strings.Contains(value, "://") {
		return value, nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "file" || u.Host != "" || u.Path == "" {
		return "", errors.New("this version keeps it in a folder: give a path, or file:///path")
	}
	return u.Path, nil
}

// in is the folder that the flag names, or name inside the data folder.
func (f *lineFlags) in(value, name string) string {
	if dir, err := folder(value); err == nil && dir != "" { // AfterApply has refused the rest
		return dir
	}
	return filepath.Join(f.Data, name)
}

func (f *lineFlags) keystoreDir() string { return f.in(f.Keystore, "keys") }

func (f *lineFlags) blobsDir() string { return f.in(f.Blobs, "blobs") }

func (f *lineFlags) databaseFile() string { return filepath.Join(f.Data, "heed.db") }

func (f *lineFlags) profileFile() string {
	if f.Profile != "" {
		return f.Profile
	}
	return filepath.Join(f.Data, "profile.yaml")
}

// storeExists reports whether there is a database to open; one on a server always counts as there.
func (f *lineFlags) storeExists() (bool, error) {
	if f.Store != "" {
		return true, nil
	}
	_, err := os.Stat(f.databaseFile())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// storeName names the database for people, without the password that a URL may hold.
func (f *lineFlags) storeName() string {
	if f.Store == "" {
		return "SQLite, " + f.databaseFile()
	}
	u, err := url.Parse(f.Store)
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL, %s%s", u.Host, u.Path)
}
