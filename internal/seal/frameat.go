package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

// framesAhead is how many frames are fetched at once of a file that is read on and on: 1 MiB. After a leap it is one, then two, four …
const framesAhead = 16

// frameSection opens frames wherever it is asked.
type frameSection struct {
	frames
	fetch func(from, length int64) (io.ReadCloser, error)
	field string
	size  int64 // of plaintext
	end   int64 // where the sealed bytes end
	room  int64 // bytes of plaintext in a whole frame
	last  int64 // the last frame's number

	mu     sync.Mutex
	first  int64 // the number of the first frame that is held
	next   int64 // of the one after those
	held   []byte
	sealed []byte
	ahead  int64 // frames, of the next fetch
}

// NewFrameSection opens what a frame writer of either format sealed, wherever one reads in it: for what must leap in a file. size is how
// many bytes the sealed form of a padded file has (PaddedSize), and of any other how many its plaintext; the section has the plaintext's.
// fetch gives the sealed bytes from a place on, at most so many, as blob.Store's OpenRange does; it is called again and again, and only
// while the section is read. The section may be read by several at once. Memory is 2 MiB.
//
// It gives out no byte of a frame before that frame is authenticated, and opens the last one first, so that a file whose end is cut off
// or that has another size doesn't open. Reading returns ErrSealed where a frame is changed, missing, moved or of another file:
// who hasn't read all of it knows nothing of the rest.
func NewFrameSection(size int64, fetch func(from, length int64) (io.ReadCloser, error), key Key, b Binding) (*io.SectionReader, error) {
	s := &frameSection{fetch: fetch, field: b.Field, ahead: 1, first: -1, next: -1}
	var header [framesHeader]byte
	if n, err := s.read(0, header[:]); err != nil || n < framesHeader {
		return nil, s.failed(err)
	}
	if !isFramed(header[0]) || key == (Key{}) || size < 0 {
		return nil, cannotOpen(b.Field)
	}
	s.frames = newFrames(key, b, header[:])
	s.room = int64(frameSize - s.head)
	if s.head == 0 {
		s.size, s.last = size, max(0, (size-1)/frameSize)
		s.end = framesHeader + size + (s.last+1)*frameOverhead
	} else {
		s.end, s.last = size, (size-framesHeader)/sealedFrame-1
		if s.last < 0 || size != framesHeader+(s.last+1)*sealedFrame {
			return nil, cannotOpen(b.Field)
		}
		s.size = -1 // the last frame says it
	}
	if err := s.hold(s.last); err != nil {
		return nil, err
	}
	return io.NewSectionReader(s, 0, s.size), nil
}

// ReadAt implements io.ReaderAt.
func (s *frameSection) ReadAt(p []byte, off int64) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		if off >= s.size {
			return n, io.EOF
		}
		if off < s.first*s.room || off >= s.first*s.room+int64(len(s.held)) {
			if err := s.hold(off / s.room); err != nil {
				return n, err
			}
		}
		m := copy(p[n:], s.held[off-s.first*s.room:])
		n, off = n+m, off+int64(m)
	}
	return n, nil
}

// hold fetches frame i and, where it is read on from what is held, some after it.
func (s *frameSection) hold(i int64) error {
	if i == s.next {
		s.ahead = min(2*s.ahead, framesAhead)
	} else {
		s.ahead = 1
	}
	wanted := min(s.ahead, s.last-i+1)
	if s.sealed == nil {
		s.sealed, s.held = make([]byte, framesAhead*sealedFrame+1), make([]byte, 0, framesAhead*frameSize)
	}
	s.held, s.first = s.held[:0], i
	from, length := framesHeader+i*sealedFrame, wanted*sealedFrame
	if i+wanted > s.last {
		length = s.end - from + 1 // one byte more than there is, so that what follows the end is found
	}
	n, err := s.read(from, s.sealed[:length])
	if err != nil {
		return s.failed(err)
	}
	for rest := s.sealed[:n]; wanted > 0; i, wanted = i+1, wanted-1 {
		frame := rest
		if i < s.last {
			frame = rest[:min(len(rest), sealedFrame)]
		}
		if !s.open(i, frame) {
			return s.failed(nil)
		}
		rest = rest[len(frame):]
	}
	s.next = i
	return nil
}

// open opens frame i behind what is held.
func (s *frameSection) open(i int64, sealed []byte) bool {
	if len(sealed) < frameOverhead {
		return false
	}
	f := frames{gcm: s.gcm, counter: uint64(i)}
	before := len(s.held)
	opened, err := f.gcm.Open(s.held, sealed[:nonceSize], sealed[nonceSize:], f.place(i == s.last))
	if err != nil {
		return false
	}
	if s.head == 0 {
		s.held = opened
		return i < s.last || s.first*s.room+int64(len(opened)) == s.size
	}
	plain := opened[before:]
	if s.size < 0 && len(plain) == frameSize { // the last frame, the first to be opened
		end := binary.BigEndian.Uint64(plain)
		if end > math.MaxInt64 || paddedFrames(end) != uint64(s.last)+1 {
			return false
		}
		s.size = int64(end)
	}
	b, end, ok := fileBytes(plain, uint64(i), uint64(max(0, min(s.size, i*s.room))))
	s.held = opened[:before+copy(plain, b)]
	return ok && end == uint64(min(s.size, (i+1)*s.room))
}

// failed forgets what is held. err: of the fetching; nil where what was fetched isn't what was sealed.
func (s *frameSection) failed(err error) error {
	s.held, s.first, s.next = s.held[:0], -1, -1
	if err != nil {
		return fmt.Errorf("reading %s: %w", s.field, err)
	}
	return cannotOpen(s.field)
}

// read fills p from a place on; n is less where the file ends before.
func (s *frameSection) read(from int64, p []byte) (n int, err error) {
	r, err := s.fetch(from, int64(len(p)))
	if err != nil {
		return 0, err
	}
	n, err = io.ReadFull(r, p)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, errors.Join(err, r.Close())
}
