package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/postgres"
)

// lineFlags say where a line keeps what it keeps; every command that touches one takes them.
type lineFlags struct {
	Data     string `help:"Folder of the line: its database, sealed files, keys and profile." default:"data" type:"path" placeholder:"DIR"`
	Store    string `help:"Database: postgres://… ; the default is SQLite in the data folder." placeholder:"URL"`
	Blobs    string `help:"Folder of sealed files, or a bucket: s3://HOST[:PORT]/BUCKET[/PREFIX]; the default is in the data folder." placeholder:"DIR|URL"`
	Keystore string `help:"Folder of the keys, or a database of their own: postgres://…; the default is in the data folder. Keep it out of backups and snapshots." placeholder:"DIR|URL"`
	Profile  string `help:"The line profile; the default is profile.yaml in the data folder." type:"path" placeholder:"FILE"`
}

// AfterApply refuses what can't be right before anything is opened.
func (f *lineFlags) AfterApply() error {
	if f.Store != "" && !onPostgres(f.Store) {
		return usagef("--store must be a postgres:// URL, or empty for SQLite in the data folder")
	}
	for _, dir := range []struct{ flag, value string }{{"--blobs", f.Blobs}, {"--keystore", f.Keystore}} {
		if dir.flag == "--keystore" && onPostgres(dir.value) {
			continue
		}
		if dir.flag == "--blobs" && blob.OnS3(dir.value) {
			if _, err := blob.ParseAddress(dir.value); err != nil {
				return usagef("--blobs: %w", err)
			}
			continue
		}
		if _, err := folder(dir.value); err != nil {
			return usagef("%s: %w", dir.flag, err)
		}
	}
	return nil
}

func onPostgres(value string) bool {
	scheme, _, found := strings.Cut(value, "://")
	return found && (scheme == "postgres" || scheme == "postgresql")
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

// keystoreDir is the folder of the keys; it means nothing where they lie in a database.
func (f *lineFlags) keystoreDir() string { return f.in(f.Keystore, "keys") }

// keystoreName names the keystore for people, without the password that a URL may hold.
func (f *lineFlags) keystoreName() string {
	if onPostgres(f.Keystore) {
		return databaseName(f.Keystore)
	}
	return f.keystoreDir()
}

// openKeystore opens the line's keystore, which it makes where there is none.
//
// It returns a usageError where the database that should hold the keys is a store.
func (f *lineFlags) openKeystore(ctx context.Context) (keystore.Keystore, error) {
	if !onPostgres(f.Keystore) {
		return keystore.OpenDirectory(f.keystoreDir())
	}
	keys, err := keystore.OpenPostgres(ctx, f.Keystore)
	if err != nil {
		return nil, notApart(err)
	}
	return keys, nil
}

// notApart tells the operator of a keystore in the store's own database.
func notApart(err error) error {
	if errors.Is(err, heed.ErrInvalid) {
		return usagef("--keystore must be a database of its own: %w", err)
	}
	return err
}

// closeKeystore gives back what a keystore holds open.
func closeKeystore(keys keystore.Keystore) error {
	if c, ok := keys.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (f *lineFlags) databaseFile() string { return filepath.Join(f.Data, "heed.db") }

func (f *lineFlags) profileFile() string {
	if f.Profile != "" {
		return f.Profile
	}
	return filepath.Join(f.Data, "profile.yaml")
}

// storeExists reports whether there is a store to open: a file, or a database on a server that was made one.
func (f *lineFlags) storeExists(ctx context.Context) (bool, error) {
	if f.Store != "" {
		return postgres.Made(ctx, f.Store)
	}
	return exists(f.databaseFile())
}

// keysExist reports whether there is a keystore to open: a folder, or a database on a server that was made one.
func (f *lineFlags) keysExist(ctx context.Context) (bool, error) {
	if onPostgres(f.Keystore) {
		return keystore.Made(ctx, f.Keystore)
	}
	return exists(f.keystoreDir())
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// lineName names where the line is for people.
func (f *lineFlags) lineName() string {
	if f.Store == "" {
		return f.Data
	}
	return f.storeName()
}

// wantLine makes sure that there is a line to open.
//
// It returns a usageError where there is none, or no keys.
func (f *lineFlags) wantLine(ctx context.Context) error {
	there, err := f.storeExists(ctx)
	if err != nil {
		return fmt.Errorf("looking for the store: %w", err)
	}
	if !there {
		return usagef("there is no line in %s: heed serve makes one", f.lineName())
	}
	if there, err = f.keysExist(ctx); err != nil {
		return fmt.Errorf("looking for the keys: %w", err)
	}
	if !there {
		return usagef("there are no keys in %s: restore them, or name their folder by --keystore, or the line's by --data", f.keystoreName())
	}
	return nil
}

// storeName names the database for people, without the password that a URL may hold.
func (f *lineFlags) storeName() string {
	if f.Store == "" {
		return "SQLite, " + f.databaseFile()
	}
	return databaseName(f.Store)
}

func databaseName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL, %s%s", u.Host, u.Path)
}
