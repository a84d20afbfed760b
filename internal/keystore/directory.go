package keystore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	heed "github.com/heed-line/heed"
)

// A file is one format byte, a check of 16 bytes and the value. The check (SHA-256 of label, name and value, cut) tells a
// whole value from one whose overwriting a crash cut short, and from a file that was renamed.
const (
	formatFile = 0x01
	checkSize  = 16
	fileHead   = 1 + checkSize
	labelFile  = "heed/keystore/1\x00"
)

// Names that are not keys: a file in the making, and the lock that says somebody is making one.
const (
	tempPrefix = ".new-"
	lockName   = ".lock"
)

// Directory is a Keystore of one file a key in a directory of its own (0700, files 0600). The slashes of a name are "="
// in the file's, so that all lie side by side and one directory is synced.
//
// Overwriting reaches the medium only on a file system that writes in place: docs/operations.md says how to keep the directory on
// one, and out of snapshots.
type Directory struct {
	dir string
	// at is called between the steps of a write or a destruction; a test's ends there as a crash would. Nil is no call.
	at func(step string)
}

// step marks a place where a crash may fall.
func (d *Directory) step(name string) {
	if d.at != nil {
		d.at(name)
	}
}

// OpenDirectory opens dir, or creates it with its parents, and destroys what a crash left half made there.
// ErrInvalid: others than its owner could read it.
func OpenDirectory(dir string) (*Directory, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	if err := makeDirectory(dir); err != nil {
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("keystore %s must be a directory of mode 0700, not %v: %w", dir, info.Mode(), heed.ErrInvalid)
	}
	d := &Directory{dir: dir}
	err = d.locked(syscall.LOCK_NB, d.sweep)
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) { // who is writing destroys what they leave
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	return d, nil
}

// makeDirectory creates dir and its missing parents, each synced into the one above.
func makeDirectory(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir:
		if err := makeDirectory(filepath.Dir(dir)); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	case err != nil:
		return err
	}
	return syncDirectory(filepath.Dir(dir))
}

func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// locked runs fn under the directory's lock against other writers, of this process or another. With syscall.LOCK_NB it
// doesn't wait, but returns EWOULDBLOCK.
func (d *Directory) locked(how int, fn func() error) (err error) {
	f, err := os.OpenFile(filepath.Join(d.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // which gives the lock back
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how)
		if err == nil {
			return fn()
		}
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// sweep destroys the files that a crash left in the making. The caller holds the lock: they are nobody's who writes.
func (d *Directory) sweep() error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		if err := d.destroy(filepath.Join(d.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) path(name string) string {
	return filepath.Join(d.dir, strings.ReplaceAll(name, "/", "="))
}

// Get implements Keystore.
func (d *Directory) Get(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), checkName(name)); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("key %s: %w", name, heed.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("reading key %s: %w", name, err)
	}
	return unpack(name, b)
}

// pack is how a value is stored under a name.
func pack(name string, value []byte) []byte {
	return append(append([]byte{formatFile}, check(name, value)...), value...)
}

// unpack reads what pack made for the same name. ErrSealed: it is damaged, or half destroyed.
func unpack(name string, b []byte) ([]byte, error) {
	if len(b) < fileHead || b[0] != formatFile ||
		subtle.ConstantTimeCompare(b[1:fileHead], check(name, b[fileHead:])) != 1 {
		return nil, fmt.Errorf("key %s is damaged or half destroyed: %w", name, heed.ErrSealed)
	}
	return b[fileHead:], nil
}

func check(name string, value []byte) []byte {
	h := sha256.New()
	h.Write([]byte(labelFile + name + "\x00"))
	h.Write(value)
	return h.Sum(nil)[:checkSize]
}

// Create implements Keystore.
func (d *Directory) Create(ctx context.Context, name string, value []byte) error {
	free := func() error {
		_, err := os.Lstat(d.path(name))
		switch {
		case err == nil:
			return heed.ErrConflict
		case errors.Is(err, fs.ErrNotExist):
			return nil
		}
		return err
	}
	return d.write(ctx, name, value, free, os.Rename)
}

// Put implements Keystore.
func (d *Directory) Put(ctx context.Context, name string, value []byte) error {
	return d.write(ctx, name, value, func() error { return nil }, d.replace)
}

// PutBeside implements Keystore.
func (d *Directory) PutBeside(ctx context.Context, name string, value []byte, other string) error {
	whole := func() error {
		b, err := d.Get(ctx, other)
		clear(b)
		return err
	}
	return d.write(ctx, name, value, whole, d.replace)
}

// replace gives a file a name that another may have, which it destroys.
func (d *Directory) replace(temp, path string) error {
	old := temp + ".old"
	err := os.Link(path, old) // keeps hold of what the rename replaces
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, d.destroy(temp))
	}
	d.step("old held")
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	d.step("renamed")
	if err := syncDirectory(d.dir); err != nil {
		return err
	}
	return d.destroy(old)
}

// write makes a synced file of value and lets place give it its name, if ready has no objection. All of it is under the lock that
// every writer takes: what ready found holds until the end.
func (d *Directory) write(ctx context.Context, name string, value []byte, ready func() error, place func(temp, path string) error) error {
	if err := errors.Join(ctx.Err(), checkName(name), checkValue(name, value)); err != nil {
		return err
	}
	err := d.locked(0, func() error {
		if err := ready(); err != nil {
			return err
		}
		temp, err := d.newFile(name, value)
		if err != nil {
			return err
		}
		d.step("written")
		if err := place(temp, d.path(name)); err != nil {
			return err
		}
		d.step("placed")
		return syncDirectory(d.dir)
	})
	if err != nil {
		return fmt.Errorf("storing key %s: %w", name, err)
	}
	return nil
}

// newFile writes and syncs a file that has no key's name yet.
func (d *Directory) newFile(name string, value []byte) (path string, err error) {
	f, err := os.CreateTemp(d.dir, tempPrefix+"*") // 0600
	if err != nil {
		return "", err
	}
	b := pack(name, value)
	defer clear(b)
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, d.destroy(f.Name()))
	}
	return f.Name(), nil
}

// Delete implements Keystore. What a process that crashed left in the making goes too: it may be of what is destroyed.
func (d *Directory) Delete(ctx context.Context, name string) error {
	if err := errors.Join(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	err := d.locked(0, func() error {
		if err := d.sweep(); err != nil {
			return err
		}
		return d.destroy(d.path(name))
	})
	if err != nil {
		return fmt.Errorf("destroying key %s: %w", name, err)
	}
	return nil
}

// destroy overwrites a file with random bytes, syncs it, unlinks it and syncs the directory. Cut short anywhere, it leaves
// either the name, for the next try, or nothing. Bytes that have a second name are a key still in use, which a Put
// cut short was about to replace: then only this name goes.
func (d *Directory) destroy(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return syncDirectory(d.dir) // an earlier unlink may not have been synced
	}
	if err != nil {
		return err
	}
	if err := errors.Join(overwrite(f), f.Close()); err != nil {
		return err
	}
	d.step("overwritten")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.step("unlinked")
	return syncDirectory(d.dir)
}

func overwrite(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); !ok || s.Nlink > 1 {
		return nil
	}
	noise := make([]byte, info.Size())
	rand.Read(noise) // never fails: it ends the program instead
	if _, err := f.WriteAt(noise, 0); err != nil {
		return err
	}
	return f.Sync()
}

// List implements Keystore.
func (d *Directory) List(ctx context.Context, prefix string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	var names []string
	for _, e := range entries {
		name := strings.ReplaceAll(e.Name(), "=", "/")
		if strings.HasPrefix(name, prefix) && checkName(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
