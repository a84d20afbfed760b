package seal

import (
	"errors"
	"fmt"
	"io"
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
	last  int64 // the last frame's number

	mu     sync.Mutex
	first  int64 // the number of the first frame that is held
	held   []byte
	sealed []byte
	ahead  int64 // frames, of the next fetch
}

// NewFrameSection opens what a frame writer sealed, size bytes of plaintext, wherever one reads in it: for what must leap in a file.
// fetch gives the sealed bytes from a place on, at most so many, as blob.Store's OpenRange does; it is called again and again, and only
// while the section is read. The section may be read by several at once. Memory is 2 MiB.
//
// It gives out no byte of a frame before that frame is authenticated, and opens the last one first, so that a file whose end is cut off
// or that isn't size bytes long doesn't open. Reading returns ErrSealed where a frame is changed, missing, moved or of another file:
// who hasn't read all of it knows nothing of the rest.
func NewFrameSection(size int64, fetch func(from, length int64) (io.ReadCloser, error), key Key, b Binding) (*io.SectionReader, error) {
	s := &frameSection{fetch: fetch, field: b.Field, size: size, last: max(0, (size-1)/frameSize), ahead: 1, first: -1}
	var header [framesHeader]byte
	if n, err := s.read(0, header[:]); err != nil || n < framesHeader {
		return nil, s.failed(err)
	}
	if header[0] != formatFrames || key == (Key{}) || size < 0 {
		return nil, cannotOpen(b.Field)
	}
	s.frames = newFrames(key, b, header[1:])
	if err := s.hold(s.last); err != nil {
		return nil, err
	}
	return io.NewSectionReader(s, 0, size), nil
}

// ReadAt implements io.ReaderAt.
func (s *frameSection) ReadAt(p []byte, off int64) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		if off >= s.size {
			return n, io.EOF
		}
		if off < s.first*frameSize || off >= s.first*frameSize+int64(len(s.held)) {
			if err := s.hold(off / frameSize); err != nil {
				return n, err
			}
		}
		m := copy(p[n:], s.held[off-s.first*frameSize:])
		n, off = n+m, off+int64(m)
	}
	return n, nil
}

// hold fetches frame i and, where it is read on from what is held, some after it.
func (s *frameSection) hold(i int64) error {
	if i == s.first+int64(len(s.held)/frameSize) {
		s.ahead = min(2*s.ahead, framesAhead)
	} else {
		s.ahead = 1
	}
	wanted := min(s.ahead, s.last-i+1)
	if s.sealed == nil {
		s.sealed, s.held = make([]byte, framesAhead*(frameSize+frameOverhead)+1), make([]byte, 0, framesAhead*frameSize)
	}
	s.held, s.first = s.held[:0], i
	// One byte more than there is, so that what follows the end is found.
	length := wanted * (frameSize + frameOverhead)
	if i+wanted > s.last {
		length = s.size - i*frameSize + wanted*frameOverhead + 1
	}
	n, err := s.read(framesHeader+i*(frameSize+frameOverhead), s.sealed[:length])
	if err != nil {
		return s.failed(err)
	}
	for rest := s.sealed[:n]; wanted > 0; i, wanted = i+1, wanted-1 {
		frame := rest
		if i < s.last {
			frame = rest[:min(len(rest), frameSize+frameOverhead)]
		}
		if len(frame) < frameOverhead {
			return s.failed(nil)
		}
		f := frames{gcm: s.gcm, counter: uint64(i)}
		opened, err := f.gcm.Open(s.held, frame[:nonceSize], frame[nonceSize:], f.place(i == s.last))
		if err != nil {
			return s.failed(nil)
		}
		s.held, rest = opened, rest[len(frame):]
	}
	if i > s.last && s.first*frameSize+int64(len(s.held)) != s.size {
		return s.failed(nil)
	}
	return nil
}

// failed forgets what is held. err: of the fetching; nil where what was fetched isn't what was sealed.
func (s *frameSection) failed(err error) error {
	s.held, s.first = s.held[:0], -1
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
