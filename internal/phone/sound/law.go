package sound

import "github.com/zaf/g711"

// Law is one of the two ways in which telephone networks press a sample into a byte (ITU-T G.711).
type Law byte

const (
	// MuLaw is North America's and Japan's: PCMU, payload type 0 (RFC 3551 §4.5.14).
	MuLaw Law = iota
	// ALaw is everybody else's: PCMA, payload type 8.
	ALaw
)

// Encode appends one byte a sample to coded.
func (l Law) Encode(coded []byte, samples []int16) []byte {
	encode := g711.EncodeUlawFrame
	if l == ALaw {
		encode = g711.EncodeAlawFrame
	}
	for _, s := range samples {
		coded = append(coded, encode(s))
	}
	return coded
}

// Decode appends one sample a byte to samples.
func (l Law) Decode(samples []int16, coded []byte) []int16 {
	decode := g711.DecodeUlawFrame
	if l == ALaw {
		decode = g711.DecodeAlawFrame
	}
	for _, c := range coded {
		samples = append(samples, decode(c))
	}
	return samples
}
