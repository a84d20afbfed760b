package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A voice is masked by three things, drawn anew for each recording so that no two of one speaker are masked alike: pitch and formants
// move together, up or down by an eighth to a third; the long-term spectrum is bent in eight bands; and what lies outside a telephone's
// band goes. The tempo stays. docs/telephony.md says what was measured, and what a laboratory could still do.
const (
	maskRate = 16000 // samples a second of what is masked, and of the copy
	lowest   = 0.76  // of the range of the shift; between nearest and its inverse nothing is drawn
	nearest  = 0.88
	highest  = 1.34
	bend     = 10.0 // decibels up or down
)

// bentAt are the middles of the bands that are bent, in hertz.
var bentAt = [...]int{250, 400, 630, 1000, 1500, 2100, 2700, 3300}

// mask is one draw.
type mask struct {
	rate int // maskRate times the shift
	bent [len(bentAt)]float64
}

// drawMask draws from random, which is crypto/rand's Reader but in tests.
func drawMask(random io.Reader) (m mask, err error) {
	draw := func(from, to float64) float64 {
		var b [8]byte
		if _, failed := io.ReadFull(random, b[:]); failed != nil && err == nil {
			err = fmt.Errorf("draw a mask: %w", failed)
		}
		return from + (to-from)*float64(binary.BigEndian.Uint64(b[:])>>11)/(1<<53)
	}
	shift := draw(lowest-nearest, highest-1/nearest)
	if shift < 0 {
		shift += nearest
	} else {
		shift += 1 / nearest
	}
	m.rate = int(maskRate * shift)
	for i := range m.bent {
		m.bent[i] = draw(-bend, bend)
	}
	return m, err
}

// pageMark stands in every recording that the portal's own page masked before it was sent (web/static/mask.js), right behind its format.
const pageMark = "mask"

// maskFor draws a mask, or gives the one that changes nothing where the recording says that the page masked it: a second draw, made without
// knowing the first, can bring a voice back to what it was as well as beyond what anybody understands. Whoever writes the mark into another
// recording has the voice in it heard, so that the desk is told (CopyDetails.SaysMasked).
func maskFor(original *io.SectionReader, random io.Reader) (m mask, saysMasked bool, err error) {
	head := make([]byte, 40)
	if n, err := original.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return mask{}, false, fmt.Errorf("look whether a recording is masked: %w", err)
	} else if n == len(head) && string(head[:4]) == "RIFF" && string(head[8:16]) == "WAVEfmt " && string(head[36:]) == pageMark {
		return mask{rate: maskRate}, true, nil
	}
	m, err = drawMask(random)
	return m, false, err
}

// filters is the mask as ffmpeg's filter graph.
func (m mask) filters() string {
	steps := []string{
		fmt.Sprintf("aresample=%d", maskRate), "highpass=f=150", "lowpass=f=3600",
		fmt.Sprintf("asetrate=%d", m.rate), fmt.Sprintf("aresample=%d", maskRate), fmt.Sprintf("atempo=%.6f", float64(maskRate)/float64(m.rate)),
	}
	for i, f := range bentAt {
		steps = append(steps, fmt.Sprintf("equalizer=f=%d:t=o:w=0.8:g=%.2f", f, m.bent[i]))
	}
	return strings.Join(append(steps, "highpass=f=150", "lowpass=f=3600", "alimiter=limit=0.9"), ",")
}
