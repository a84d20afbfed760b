package language

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The model's shape. buckets is the number of hash buckets; a weight is kept as a byte in steps of weightStep nats.
const (
	bucketBits = 21
	maxGram    = 5
	weightStep = 0.06
	magic      = "HLM2"
	runLength  = 16 // buckets, a power of two
)

// Model holds the weights. It is read-only after Load and safe for concurrent use.
type Model struct {
	languages []string
	group     []uint8     // of each language, index into groups
	floor     [][]float32 // [language][gram length]: the weight of a gram never seen there, in nats
	runs      []run
	added     uint32 // buckets, while the model is made
	entries   []entry
	counters  sync.Pool // of *counter
}

// run is runLength buckets. Only the first one's place is kept and the rest are counted: a place for each would be 8 MB of a
// program that is idle most of the day.
type run struct {
	offset uint32           // in Model.entries
	count  [runLength]uint8 // of each bucket's entries
}

// bucket gives where in m.entries those of one bucket begin and end.
func (m *Model) bucket(b uint32) (from, to uint32) {
	r := &m.runs[b/runLength]
	at := b % runLength
	low, high := binary.LittleEndian.Uint64(r.count[:8]), binary.LittleEndian.Uint64(r.count[8:])
	if at < 8 {
		low, high = low&(1<<(8*at)-1), 0
	} else {
		high &= 1<<(8*(at-8)) - 1
	}
	from = r.offset + sum(low) + sum(high)
	return from, from + uint32(r.count[at])
}

// sum adds up the eight bytes of x.
func sum(x uint64) uint32 {
	const bytes = 0x00FF00FF00FF00FF
	return uint32((x&bytes + x>>8&bytes) * 0x0001000100010001 >> 48)
}

// add appends the next bucket's entries.
func (m *Model) add(in []entry) {
	at := m.added % runLength
	if at == 0 {
		m.runs = append(m.runs, run{offset: uint32(len(m.entries))})
	}
	m.runs[len(m.runs)-1].count[at] = uint8(len(in))
	m.added++
	m.entries = append(m.entries, in...)
}

func newModel(entries int) *Model {
	m := &Model{runs: make([]run, 0, 1<<bucketBits/runLength), entries: make([]entry, 0, entries)}
	m.counters.New = func() any { return newCounter(m) }
	return m
}

type entry struct{ language, weight uint8 }

//go:embed model.bin.gz
var embedded []byte

// Default is the shipped model. It is decoded once, at the first call.
var Default = sync.OnceValue(func() *Model {
	m, err := Load(bytes.NewReader(embedded))
	if err != nil {
		panic("language: the shipped model does not load: " + err.Error()) // a build with a broken model is a programming error
	}
	return m
})

// unpackedSize is room for the shipped model.
const unpackedSize = 6 << 20

var errModel = errors.New("not a language model")

// Load reads a model as Write wrote it.
func Load(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("open the language model: %w", err)
	}
	b := bytes.NewBuffer(make([]byte, 0, unpackedSize)) // or memory would hold every length that it grew through
	if _, err := b.ReadFrom(z); err != nil {
		return nil, fmt.Errorf("read the language model: %w", err)
	}
	m, err := parse(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("parse the language model: %w", err)
	}
	return m, nil
}

func parse(b []byte) (*Model, error) {
	if len(b) < len(magic)+1 || string(b[:len(magic)]) != magic {
		return nil, errModel
	}
	n := int(b[len(magic)])
	b = b[len(magic)+1:]
	// What follows the languages is a byte for each bucket and two for each entry.
	m := newModel(max(len(b)-1<<bucketBits, 0) / 2)
	for range n {
		if len(b) < 2 || len(b) < 2+int(b[1])+4*(maxGram+1) || int(b[0]) >= len(groups) {
			return nil, errModel
		}
		m.group = append(m.group, b[0])
		end := 2 + int(b[1])
		m.languages = append(m.languages, string(b[2:end]))
		floor := make([]float32, maxGram+1)
		for i := range floor {
			floor[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[end+4*i:]))
		}
		m.floor = append(m.floor, floor)
		b = b[end+4*(maxGram+1):]
	}
	var in []entry
	for range 1 << bucketBits {
		if len(b) == 0 {
			return nil, errModel
		}
		count := int(b[0])
		b = b[1:]
		if len(b) < 2*count {
			return nil, errModel
		}
		in = in[:0]
		for i := range count {
			if int(b[2*i]) >= n {
				return nil, errModel
			}
			in = append(in, entry{b[2*i], b[2*i+1]})
		}
		b = b[2*count:]
		m.add(in)
	}
	return m, nil
}

// Write writes the model; the same model always gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress the language model: %w", err)
	}
	b := append([]byte(magic), byte(len(m.languages)))
	for i, l := range m.languages {
		b = append(b, m.group[i], byte(len(l)))
		b = append(b, l...)
		for _, f := range m.floor[i] {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
	}
	for bucket := range uint32(1 << bucketBits) {
		from, to := m.bucket(bucket)
		b = append(b, byte(to-from))
		for _, e := range m.entries[from:to] {
			b = append(b, e.language, e.weight)
		}
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("write the language model: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("finish the language model: %w", err)
	}
	return nil
}

// grams calls f with the bucket and length of each n-gram of the words of s that belong to a group.
func grams(s string, in int, f func(bucket uint32, length int)) {
	eachWord(s, in, func(word []rune, _, _ int) { wordGrams(word, f) })
}

// wordGrams calls f with the bucket and length of each n-gram of a word as eachWord gives it.
func wordGrams(word []rune, f func(bucket uint32, length int)) {
	for i := range word {
		h := uint64(14695981039346656037) // FNV-1a
		for n := 1; n <= maxGram && i+n <= len(word); n++ {
			h = (h ^ uint64(word[i+n-1])) * 1099511628211
			if n == 1 && word[i] == '_' {
				continue
			}
			f(uint32((h^h>>29)*0x9E3779B97F4A7C15>>(64-bucketBits)), n)
		}
	}
}

// eachWord calls f with each word of s that belongs to a group, in small letters, and with its bytes' place. Words are padded with a
// boundary mark on both sides; digits and signs end them. f must not keep the runes.
func eachWord(s string, in int, f func(word []rune, from, to int)) {
	word := make([]rune, 1, 64)
	word[0] = '_'
	from := 0
	flush := func(to int) {
		if len(word) == 1 {
			return
		}
		f(append(word, '_'), from, to)
		word = word[:1]
	}
	for at, r := range s {
		switch {
		case groupOf(r) == in, len(word) > 1 && (r == '\'' || r > 0x7F && (r == '’' || unicode.In(r, unicode.Mn, unicode.Mc))):
			if r == '’' {
				r = '\''
			}
			if len(word) == 1 {
				from = at
			}
			word = append(word, unicode.ToLower(r))
			if len(word) > 48 { // no language has such words; a long run stays linear and bounded
				flush(at + utf8.RuneLen(r))
			}
		default:
			flush(at)
		}
	}
	flush(len(s))
}
