package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/heed-line/heed"
)

const (
	wavPCM        = 1
	wavExtensible = 0xfffe // the true format stands at the end of the format chunk
	// longestWAV is the most sound that a prompt may hold, in seconds.
	longestWAV = 600
	// longestChunk bounds a chunk that is read whole or skipped: pictures, lyrics, cue points.
	longestChunk = 1 << 20
)

// wavRates are the sample rates that are read.
var wavRates = []uint32{8000, 16000, 22050, 44100, 48000}

// wavFormat is the format chunk of a WAV file.
type wavFormat struct {
	channels, rate, bits uint32
}

// block is bytes a sample of all channels.
func (w wavFormat) block() int { return int(w.channels * w.bits / 8) }

// ReadWAV reads a WAV file (RIFF, Microsoft 1991; PCM of 8 or 16 bits, mono or stereo, at 8, 16, 22.05, 44.1 or 48 kHz) as frames at
// Rate: stereo is mixed, and what a telephone can't carry is filtered off. A file that ends before its head says is taken as it is,
// since programs that write to a pipe don't know its length.
//
// It returns heed.ErrInvalid for any other file and for one of more than ten minutes, and io.ErrUnexpectedEOF for one that ends
// before the sound.
func ReadWAV(r io.Reader) ([]Frame, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("reading the head of a WAV file: %w", cut(err))
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, fmt.Errorf("a WAV file begins with RIFF and WAVE: %w", heed.ErrInvalid)
	}
	var format *wavFormat
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return nil, fmt.Errorf("looking for the sound of a WAV file: %w", cut(err))
		}
		name, size := string(chunk[:4]), binary.LittleEndian.Uint32(chunk[4:])
		if name == "data" {
			if format == nil {
				return nil, fmt.Errorf("a WAV file's sound comes before its format: %w", heed.ErrInvalid)
			}
			return format.read(r, size)
		}
		if size > longestChunk {
			return nil, fmt.Errorf("a WAV file's chunk of %d bytes: %w", size, heed.ErrInvalid)
		}
		body := make([]byte, size+size%2) // chunks lie at even places
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, fmt.Errorf("reading a chunk of a WAV file: %w", cut(err))
		}
		if name == "fmt " {
			var err error
			if format, err = parseFormat(body[:size]); err != nil {
				return nil, err
			}
		}
	}
}

// parseFormat reads a format chunk.
func parseFormat(b []byte) (*wavFormat, error) {
	if len(b) < 16 {
		return nil, fmt.Errorf("a WAV file's format of %d bytes: %w", len(b), heed.ErrInvalid)
	}
	code := binary.LittleEndian.Uint16(b)
	if code == wavExtensible && len(b) >= 26 {
		code = binary.LittleEndian.Uint16(b[24:])
	}
	f := &wavFormat{channels: uint32(binary.LittleEndian.Uint16(b[2:])), rate: binary.LittleEndian.Uint32(b[4:]), bits: uint32(binary.LittleEndian.Uint16(b[14:]))}
	if code != wavPCM || f.channels != 1 && f.channels != 2 || f.bits != 8 && f.bits != 16 || !slices.Contains(wavRates, f.rate) {
		return nil, fmt.Errorf("a WAV file of format %d, %d channels, %d Hz and %d bits can't be played to a caller: %w", code, f.channels, f.rate, f.bits, heed.ErrInvalid)
	}
	return f, nil
}

// read reads the sound itself.
func (w wavFormat) read(r io.Reader, size uint32) ([]Frame, error) {
	longest := int64(w.block()) * int64(w.rate) * longestWAV
	coded, err := io.ReadAll(io.LimitReader(r, min(int64(size), longest+1)))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("reading the sound of a WAV file: %w", err)
	}
	if int64(len(coded)) > longest {
		return nil, fmt.Errorf("a WAV file of more than ten minutes: %w", heed.ErrInvalid)
	}
	return Frames(resample(w.mono(coded), int(w.rate))), nil
}

// mono is the samples, both channels mixed.
func (w wavFormat) mono(coded []byte) []int16 {
	samples := make([]int16, len(coded)/w.block())
	for i := range samples {
		var sum int
		for c := range int(w.channels) {
			at := i*w.block() + c*int(w.bits/8)
			if w.bits == 8 {
				sum += (int(coded[at]) - 128) << 8 // 8 bits have no sign
			} else {
				sum += int(int16(binary.LittleEndian.Uint16(coded[at:])))
			}
		}
		samples[i] = int16(sum / int(w.channels))
	}
	return samples
}
