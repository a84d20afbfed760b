package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
)

// Encoding is how an AU file holds its samples.
type Encoding uint32

// The encodings that AU reads; all of a file's numbers are big-endian.
const (
	AUMuLaw  Encoding = 1
	AULinear Encoding = 3 // 16 bits
	AUALaw   Encoding = 27
)

const (
	auMagic  = 0x2e736e64 // ".snd"
	auHeader = 24
	// auNote bounds the free text behind the header, which is skipped.
	auNote = 64 << 10
	// AUUnknownSize stands in a header that was written before the sound was over.
	AUUnknownSize = 0xffffffff
)

// AUHeader is the head of a Sun/NeXT sound file (audio/basic, RFC 2046 §4.3). Its length needn't be known, so that a file can be
// written while it is spoken and is whole wherever it is cut.
type AUHeader struct {
	Encoding Encoding
	Size     uint32 // bytes of sound; AUUnknownSize: to the end
	Rate     uint32 // samples a second
	Channels uint32
}

// CallAU is the head of a recording of a call: mono, at Rate, of unknown length.
func CallAU(e Encoding) AUHeader {
	return AUHeader{Encoding: e, Size: AUUnknownSize, Rate: Rate, Channels: 1}
}

// Append appends the header's 24 bytes.
func (h AUHeader) Append(b []byte) []byte {
	for _, v := range []uint32{auMagic, auHeader, h.Size, uint32(h.Encoding), h.Rate, h.Channels} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// ReadAUHeader reads a header and the note behind it, so that the sound comes next.
//
// It returns heed.ErrInvalid where r holds no AU file, and io.ErrUnexpectedEOF where it ends before the sound.
func ReadAUHeader(r io.Reader) (AUHeader, error) {
	var b [auHeader]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return AUHeader{}, fmt.Errorf("reading the head of an AU file: %w", cut(err))
	}
	at := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	if at(0) != auMagic {
		return AUHeader{}, fmt.Errorf("an AU file begins with .snd: %w", heed.ErrInvalid)
	}
	begins := at(1)
	if begins < auHeader || begins > auHeader+auNote {
		return AUHeader{}, fmt.Errorf("an AU file's sound begins at byte %d: %w", begins, heed.ErrInvalid)
	}
	if _, err := io.CopyN(io.Discard, r, int64(begins-auHeader)); err != nil {
		return AUHeader{}, fmt.Errorf("reading the note of an AU file: %w", cut(err))
	}
	return AUHeader{Size: at(2), Encoding: Encoding(at(3)), Rate: at(4), Channels: at(5)}, nil
}

// AU reads a recording of a call frame by frame.
type AU struct {
	r        io.Reader
	encoding Encoding
	coded    []byte // room for a frame
}

// NewAU reads the head of a recording: mono, at Rate, of any of the three encodings.
//
// It returns the errors of ReadAUHeader, and heed.ErrInvalid for another kind of sound.
func NewAU(r io.Reader) (*AU, error) {
	h, err := ReadAUHeader(r)
	if err != nil {
		return nil, err
	}
	if h.Rate != Rate || h.Channels != 1 {
		return nil, fmt.Errorf("an AU file of %d samples a second and %d channels is no call's: %w", h.Rate, h.Channels, heed.ErrInvalid)
	}
	a := &AU{r: r, encoding: h.Encoding}
	switch h.Encoding {
	case AUMuLaw, AUALaw:
		a.coded = make([]byte, FrameSamples)
	case AULinear:
		a.coded = make([]byte, 2*FrameSamples)
	default:
		return nil, fmt.Errorf("an AU file of encoding %d: %w", h.Encoding, heed.ErrInvalid)
	}
	if h.Size != AUUnknownSize {
		a.r = io.LimitReader(r, int64(h.Size))
	}
	return a, nil
}

// Read fills f; a last part of a frame is filled up with silence.
//
// It returns io.EOF at the end of the sound.
func (a *AU) Read(f *Frame) error {
	n, err := io.ReadFull(a.r, a.coded)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	*f = Frame{}
	switch a.encoding {
	case AUMuLaw:
		MuLaw.Decode(f[:0], a.coded[:n])
	case AUALaw:
		ALaw.Decode(f[:0], a.coded[:n])
	case AULinear:
		for i := range n / 2 {
			f[i] = int16(binary.BigEndian.Uint16(a.coded[2*i:]))
		}
	}
	return nil
}

// cut is the error of something that ended too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
