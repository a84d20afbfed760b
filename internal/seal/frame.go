package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/heed-line/heed/internal/survive"
)

// Sizes of the framed formats, in bytes.
const (
	formatFrames  = 0x03
	formatPadded  = 0x0a
	streamIDSize  = 16
	framesHeader  = 1 + streamIDSize
	frameSize     = 64 << 10 // of plaintext
	frameOverhead = nonceSize + tagSize
	sealedFrame   = frameSize + frameOverhead
	page          = 4 << 10 // of a file system's; see frameWriter.pages
	framesWaiting = 2       // to be written while others are; see frameWriter.ReadFrom
)

// errClosed is a mistake of the caller's.
var errClosed = errors.New("seal: write to a closed frame writer")

// frames is what both directions share: the stream's cipher, the number of the next frame, and how many bytes at the head of a frame's
// plaintext aren't the file's.
type frames struct {
	gcm     cipher.AEAD
	counter uint64
	head    int
}

// newFrames derives the stream's own key, so that frames of two files never meet under one, even where a file key is used twice, nor those
// of the two formats. header is the file's.
func newFrames(key Key, b Binding, header []byte) frames {
	label, head := labelFrames, 0
	if header[0] == formatPadded {
		label, head = labelPadded, endSize
	}
	derived := expand(key[:], header[1:], string(b.encode(label)), keySize)
	defer clear(derived)
	return frames{gcm: newGCM(Key(derived)), head: head}
}

// isFramed reports whether that begins a framed file.
func isFramed(format byte) bool { return format == formatFrames || format == formatPadded }

// place is a frame's associated data: its number and whether it is the last. It moves on to the next.
func (f *frames) place(last bool) []byte {
	ad := binary.BigEndian.AppendUint64(make([]byte, 0, 9), f.counter)
	f.counter++
	if last {
		return append(ad, 1)
	}
	return append(ad, 0)
}

type frameWriter struct {
	frames
	w      io.Writer
	random io.Reader
	buf    []byte // plaintext of the frame being filled, with room for a page after it
	out    []byte // sealed and not yet written
	other  []byte // what out was before, which may still be being written
	at     int    // bytes of w's last page that are written
	size   uint64 // of the file's bytes in the frames that are sealed; of a padded file alone
	err    error
}

// NewFrameWriter seals what is written to it, frame by frame of 64 KiB, to w. Close seals the last frame, without which
// the whole doesn't open; it doesn't close w. Memory is constant: 204 KiB, or 340 where what is
// read comes faster than it is written.
//
// The nonce of each frame is random rather than counted, so that an upload taken up again after a crash can't use one twice.
//
// Its length tells that of the file: it is what files from before were sealed with (NewPaddedWriter).
func NewFrameWriter(w io.Writer, key Key, b Binding) (io.WriteCloser, error) {
	return newFrameWriter(rand.Reader, w, formatFrames, key, b)
}

func newFrameWriter(random io.Reader, w io.Writer, format byte, key Key, b Binding) (*frameWriter, error) {
	if key == (Key{}) {
		panic("seal: sealing under no key")
	}
	header := make([]byte, framesHeader)
	header[0] = format
	draw(random, header[1:])
	if _, err := w.Write(header); err != nil {
		return nil, fmt.Errorf("writing the header of %s: %w", b.Field, err)
	}
	f := newFrames(key, b, header)
	return &frameWriter{
		frames: f, w: w, random: random, at: framesHeader,
		buf: make([]byte, f.head, frameSize+page), out: make([]byte, 0, page+sealedFrame), other: make([]byte, 0, page+sealedFrame),
	}, nil
}

// Write buffers p; a full frame is sealed only when more follows, since the last one is marked.
func (w *frameWriter) Write(p []byte) (int, error) {
	n := 0
	for len(p) > 0 {
		if w.err != nil {
			return n, w.err
		}
		if len(w.buf) == frameSize {
			w.flush(false)
			continue
		}
		m := min(len(p), frameSize-len(w.buf))
		w.buf = append(w.buf, p[:m]...)
		p, n = p[m:], n+m
	}
	return n, w.err
}

// ReadFrom implements io.ReaderFrom: what it reads goes straight to where it is sealed, and a frame is written while the next ones are
// read and sealed. Nothing is being written when it returns.
func (w *frameWriter) ReadFrom(r io.Reader) (n int64, err error) {
	written := make(chan error, 1)
	written <- nil
	for w.err == nil && err == nil {
		var m int
		m, err = r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf, n = w.buf[:len(w.buf)+m], n+int64(m)
		if len(w.buf) > frameSize {
			after := w.buf[frameSize:]
			w.buf = w.buf[:frameSize]
			w.seal(false)
			w.buf = append(w.buf, after...)
			if len(w.out) < framesWaiting*sealedFrame && len(written) == 0 {
				continue // one is still being written
			}
			if w.err = <-written; w.err == nil {
				sealed := w.pages()
				go func() { written <- survive.Do(func() error { return w.write(sealed) }) }()
			} else {
				written <- nil
			}
		}
	}
	if failed := <-written; w.err == nil {
		w.err = failed
	}
	if w.err != nil {
		return n, w.err
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Close seals the last frame, after those that fill a padded file up.
func (w *frameWriter) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.head > 0 {
		for all := Padme(w.counter + 1); w.counter+1 < all && w.err == nil; {
			w.flush(false)
		}
	}
	if w.err == nil {
		w.flush(true)
	}
	clear(w.buf[:cap(w.buf)])
	if w.err != nil {
		return w.err
	}
	w.err = errClosed
	return nil
}

// flush seals the frame that is filled and writes what is sealed: whole pages, and after the last frame all of it.
func (w *frameWriter) flush(last bool) {
	w.seal(last)
	sealed := w.out
	if !last {
		sealed = w.pages()
	}
	w.err = w.write(sealed)
}

// seal seals the frame that is filled, which is empty then, behind what is not yet written.
func (w *frameWriter) seal(last bool) {
	if w.head > 0 {
		filled := len(w.buf)
		w.size += uint64(filled - w.head)
		w.buf = w.buf[:frameSize]
		clear(w.buf[filled:])
		binary.BigEndian.PutUint64(w.buf, w.size)
	}
	n := len(w.out)
	w.out = slices.Grow(w.out, sealedFrame)[:n+nonceSize]
	nonce := w.out[n:]
	draw(w.random, nonce)
	w.out = w.gcm.Seal(w.out, nonce, w.buf, w.place(last))
	w.buf = w.buf[:w.head]
}

// pages takes what is to be written now out of what is sealed: up to the end of a page, as the rest waits for what comes after it. A file system
// finds room for writes that end with its pages at two thirds of the cost. It holds until pages is called again.
func (w *frameWriter) pages() []byte {
	n := (w.at+len(w.out))/page*page - w.at
	w.at = 0
	w.out, w.other = append(w.other[:0], w.out[n:]...), w.out
	return w.other[:n]
}

func (w *frameWriter) write(sealed []byte) error {
	if _, err := w.w.Write(sealed); err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	return nil
}

type frameReader struct {
	frames
	r       io.Reader
	field   string
	buf     []byte // one sealed frame and the first byte after it
	carried int    // bytes at buf's head that are the next frame's
	plain   []byte // opened and not yet read
	out     []byte
	end     uint64 // where the file's bytes end, as the last frame said that was opened; of a padded file alone
	err     error
}

// NewFrameReader opens what a frame writer of either format sealed under the same key for the same place. It gives out no byte of a frame
// before that frame is authenticated. Memory is constant (128 KiB).
//
// Read returns ErrSealed where a frame is changed, missing, moved or of another file, and where the end is cut off: what
// came before is then genuine but not the whole, so a caller acts on it only after io.EOF.
func NewFrameReader(r io.Reader, key Key, b Binding) (io.Reader, error) {
	header := make([]byte, framesHeader)
	if _, err := io.ReadFull(r, header); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, cannotOpen(b.Field)
		}
		return nil, fmt.Errorf("reading the header of %s: %w", b.Field, err)
	}
	if !isFramed(header[0]) || key == (Key{}) {
		return nil, cannotOpen(b.Field)
	}
	return &frameReader{
		frames: newFrames(key, b, header), r: r, field: b.Field,
		buf: make([]byte, sealedFrame+1), out: make([]byte, 0, frameSize),
	}, nil
}

// Read implements io.Reader.
func (r *frameReader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		r.fill()
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// fill opens the next frame into plain, or sets err. A frame is the last one when nothing follows it.
func (r *frameReader) fill() {
	n, err := io.ReadFull(r.r, r.buf[r.carried:])
	n += r.carried
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		r.err = fmt.Errorf("reading %s: %w", r.field, err)
		return
	}
	sealed := r.buf[:n]
	if !last {
		sealed = r.buf[:n-1]
	}
	if len(sealed) < frameOverhead {
		r.err = cannotOpen(r.field)
		return
	}
	first := r.counter == 0
	plain, err := r.gcm.Open(r.out[:0], sealed[:nonceSize], sealed[nonceSize:], r.place(last))
	ok := err == nil
	switch {
	case !ok:
	case r.head > 0:
		plain, r.end, ok = fileBytes(plain, r.counter-1, r.end)
		ok = ok && (!last || r.counter == paddedFrames(r.end))
	default: // only an empty file ends with an empty frame: one text has one sealed length
		ok = len(plain) > 0 || first
	}
	if !ok {
		r.err = cannotOpen(r.field)
		return
	}
	r.plain = plain
	if last {
		r.err = io.EOF
		return
	}
	r.buf[0], r.carried = r.buf[n-1], 1
}
