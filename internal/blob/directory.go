package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/heed-line/heed"
)

// unfinished ends the name of a blob that is being written.
const unfinished = ".part"

// Directory is a Store in a folder, two digits of the key to a subfolder.
//
// A deleted blob is unlinked, not overwritten: its bytes are sealed, and what makes them unreadable is the death of their key.
type Directory struct {
	root string
}

// OpenDirectory uses a folder, made if it isn't there.
func OpenDirectory(root string) (*Directory, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of blobs: %w", err)
	}
	return &Directory{root: root}, nil
}

// RemoveAbandoned implements Place.
func (d *Directory) RemoveAbandoned(_ context.Context, before time.Time) (int, error) {
	parts, err := filepath.Glob(filepath.Join(d.root, "*", "*"+unfinished))
	if err != nil {
		return 0, fmt.Errorf("look for unfinished blobs: %w", err)
	}
	removed := 0
	for _, p := range parts {
		info, err := os.Stat(p)
		if err == nil && info.ModTime().Before(before) {
			if err = os.Remove(p); err == nil {
				removed++
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fmt.Errorf("remove an unfinished blob: %w", err)
		}
	}
	return removed, nil
}

// Empty implements Place.
func (d *Directory) Empty(context.Context) (bool, error) {
	entries, err := os.ReadDir(d.root)
	if err != nil {
		return false, fmt.Errorf("look for blobs: %w", err)
	}
	return len(entries) == 0, nil
}

func (d *Directory) path(key string) string { return filepath.Join(d.root, key[:2], key) }

// Create implements Store.
func (d *Directory) Create(ctx context.Context) (Writer, error) { return d.CreateAs(ctx, newKey()) }

// CreateAs implements Store.
func (d *Directory) CreateAs(_ context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	shard := filepath.Dir(d.path(key))
	if err := os.Mkdir(shard, 0o700); err == nil {
		if err := syncFolder(d.root); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make a folder of blobs: %w", err)
	}
	f, err := os.OpenFile(d.path(key)+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create a blob: %w", err)
	}
	return &fileWriter{File: f, key: key, final: d.path(key), asking: make(chan struct{}, 1)}, nil
}

// Open implements Store.
func (d *Directory) Open(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := d.open(key)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// OpenRange implements Store.
func (d *Directory) OpenRange(_ context.Context, key string, from, length int64) (io.ReadCloser, error) {
	if err := checkRange(from, length); err != nil {
		return nil, err
	}
	f, err := d.open(key)
	if err != nil {
		return nil, err
	}
	return &section{Reader: io.NewSectionReader(f, from, length), Closer: f}, nil
}

// section is a part of an open blob.
type section struct {
	io.Reader
	io.Closer
}

func (d *Directory) open(key string) (*os.File, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open a blob: %w", heed.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open a blob: %w", err)
	}
	return f, nil
}

// Size implements Store.
func (d *Directory) Size(_ context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	info, err := os.Stat(d.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("measure a blob: %w", heed.ErrNotFound)
	}
	if err != nil {
		return 0, fmt.Errorf("measure a blob: %w", err)
	}
	return info.Size(), nil
}

// Delete implements Store.
func (d *Directory) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := os.Remove(d.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete a blob: %w", heed.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("delete a blob: %w", err)
	}
	return syncFolder(filepath.Dir(d.path(key)))
}

// writeBack is after how many bytes the system is asked to bring a blob to its disk while more of it comes, so that Commit waits for the rest alone.
const writeBack = 1 << 20

type fileWriter struct {
	*os.File
	key, final     string
	written, asked int64         // bytes, and of them those that the system was asked to write back
	asking         chan struct{} // holds one while it is being asked
	ended          bool
}

// Write implements io.Writer.
func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	w.written += int64(n)
	if err != nil || w.written-w.asked < writeBack {
		return n, err
	}
	select {
	case w.asking <- struct{}{}:
		go w.beginWriteBack(w.asked, w.written-w.asked)
		w.asked = w.written
	default: // it is at it
	}
	return n, nil
}

// beginWriteBack asks the system to write a part back, and doesn't await that. What fails of it, or where there is nothing of the kind, is
// Commit's to find, which syncs all of it.
func (w *fileWriter) beginWriteBack(from, length int64) {
	askWriteBack(w.File, from, length)
	<-w.asking
}

// close closes the file, once, when the system is no longer being asked.
func (w *fileWriter) close() error {
	w.asking <- struct{}{}
	return w.Close()
}

// Key implements Writer.
func (w *fileWriter) Key() string { return w.key }

// Commit implements Writer: the bytes first, then the name, then the folder that holds the name.
func (w *fileWriter) Commit(context.Context) error {
	if w.ended {
		return fmt.Errorf("commit a blob twice: %w", heed.ErrConflict)
	}
	w.ended = true
	err := w.Sync()
	err = errors.Join(err, w.close())
	if err == nil {
		err = os.Rename(w.Name(), w.final)
	}
	if err != nil {
		return fmt.Errorf("commit a blob: %w", errors.Join(err, os.Remove(w.Name())))
	}
	return syncFolder(filepath.Dir(w.final))
}

// Abort implements Writer.
func (w *fileWriter) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	if err := errors.Join(w.close(), os.Remove(w.Name())); err != nil {
		return fmt.Errorf("abort a blob: %w", err)
	}
	return nil
}

// syncFolder makes a change of names durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a folder to sync it: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync a folder: %w", err)
	}
	return nil
}
