package language

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The model's shape. buckets is the number of hash buckets; a weight is kept as a byte in steps of weightStep nats.
const (
	bucketBits = 21
	maxGram    = 5
	weightStep = 0.06
	magic      = "HLM4"
	most       = 127 // languages
)

// Model holds the weights. It is read-only after Load and safe for concurrent use.
type Model struct {
	languages []string
	group     []uint8     // of each language, index into groups
	floor     [][]float32 // [language][gram length]: the weight of a gram never seen there, in nats
	blocks    []block
	entries   []byte
	added     uint32    // buckets, while the model is made
	counters  sync.Pool // of *counter
}

func newModel(size int) *Model {
	const blocks = 1 << bucketBits / blockLength
	m := &Model{blocks: make([]block, 0, blocks), entries: make([]byte, 0, size+sealLength)}
	m.counters.New = func() any { return newCounter(m) }
	return m
}

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

// entriesSize is room for the shipped model's entries.
const entriesSize = 3 << 20

var errModel = errors.New("not a language model")

// Load reads a model as Write wrote it.
func Load(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("open the language model: %w", err)
	}
	m, err := parse(bufio.NewReaderSize(z, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("read the language model: %w", err)
	}
	return m, nil
}

// parse reads a model as it is unpacked: to hold it whole would take more memory than to use it.
func parse(r *bufio.Reader) (m *Model, err error) {
	var room [255 * entrySize]byte
	next := func(n int) []byte {
		if _, err := io.ReadFull(r, room[:n]); err != nil {
			return nil
		}
		return room[:n]
	}
	head := next(len(magic) + 1)
	if head == nil || string(head[:len(magic)]) != magic || head[len(magic)] > most {
		return nil, errModel
	}
	n := int(head[len(magic)])
	m = newModel(entriesSize)
	for range n {
		if err := m.language(next); err != nil {
			return nil, err
		}
	}
	counts, entries := make([]byte, rowBuckets), []byte(nil) // serve for one row after another
	for range 1 << bucketBits / rowBuckets {
		if entries, err = m.row(r, counts, entries); err != nil {
			return nil, err
		}
	}
	if _, err := r.ReadByte(); err != io.EOF { // only at its end is the file's checksum compared
		return nil, errModel
	}
	m.seal()
	return m, nil
}

// rowBuckets is how many buckets lie in one row of the file: of all of them how many entries they have, two to a byte, of those that have many
// how many by a byte more; then the entries' languages, each as its distance from the one before it in its bucket, then their weights; of both
// first those that begin a bucket, then those that are second in one, and so on. Like beside like is packed shorter than each bucket by
// itself, by a third.
const rowBuckets = 1 << 18

// many says of a bucket that it has so many entries, or more.
const many = 15

// pair gives the counts of a row two to a byte, and behind them those that are many.
func pair(counts []byte) []byte {
	paired, more := make([]byte, len(counts)/2), []byte(nil)
	for i, n := range counts {
		paired[i/2] = paired[i/2]<<4 | min(n, many)
		if n >= many {
			more = append(more, n)
		}
	}
	return append(paired, more...)
}

// readCounts reads what pair gave.
func readCounts(r io.Reader, counts []byte) error {
	paired := make([]byte, len(counts)/2)
	if _, err := io.ReadFull(r, paired); err != nil {
		return errModel
	}
	for i, two := range paired {
		counts[2*i], counts[2*i+1] = two>>4, two&many
	}
	more := make([]byte, bytes.Count(counts, []byte{many}))
	if _, err := io.ReadFull(r, more); err != nil {
		return errModel
	}
	for i, n := range counts {
		if n == many {
			counts[i], more = more[0], more[1:]
		}
	}
	return nil
}

// places gives for each place in a bucket where in a row the entries begin that have it.
func places(counts []byte) (at [256]int) {
	for _, n := range counts {
		for place := range n {
			at[place+1]++
		}
	}
	for place := 1; place < len(at); place++ {
		at[place] += at[place-1]
	}
	return at
}

// row reads the next row of buckets in the memory given, and gives that of the entries back.
func (m *Model) row(r io.Reader, counts, room []byte) ([]byte, error) {
	if err := readCounts(r, counts); err != nil {
		return nil, err
	}
	all := 0
	for _, n := range counts {
		all += int(n)
	}
	entries := slices.Grow(room[:0], 2*all)[:2*all]
	if _, err := io.ReadFull(r, entries); err != nil {
		return nil, errModel
	}
	distances, weights, at := entries[:all], entries[all:], places(counts)
	var one [255 * entrySize]byte
	for _, n := range counts {
		in, language := one[:0], byte(0)
		for place := range n {
			i := at[place]
			at[place]++
			if language += distances[i]; int(language) >= len(m.languages) {
				return nil, errModel
			}
			in = append(in, language, weights[i])
		}
		m.add(in)
	}
	return entries, nil
}

// language reads a language: its group, its name, and the weights of n-grams never seen there.
func (m *Model) language(next func(n int) []byte) error {
	head := next(2)
	if head == nil || int(head[0]) >= len(groups) {
		return errModel
	}
	m.group = append(m.group, head[0])
	name := next(int(head[1]))
	if name == nil {
		return errModel
	}
	m.languages = append(m.languages, string(name))
	weights := next(4 * (maxGram + 1))
	if weights == nil {
		return errModel
	}
	floor := make([]float32, maxGram+1)
	for i := range floor {
		floor[i] = math.Float32frombits(binary.LittleEndian.Uint32(weights[4*i:]))
	}
	m.floor = append(m.floor, floor)
	return nil
}

// Write writes the model; the same model always gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.HuffmanOnly) // hashes leave no passage twice: to look for one makes the file longer
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
	parts := [][]byte{b}
	for from := uint32(0); from < 1<<bucketBits; from += rowBuckets {
		parts = append(parts, m.rowOf(from)...)
	}
	for _, part := range parts {
		_, err := z.Write(part)
		if err = errors.Join(err, z.Flush()); err != nil { // so that what is unlike is packed by another code
			return fmt.Errorf("write the language model: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("finish the language model: %w", err)
	}
	return nil
}

// rowOf is the row of buckets that begins with the one at from, in its parts.
func (m *Model) rowOf(from uint32) [][]byte {
	counts, all := make([]byte, rowBuckets), 0
	for i := range counts {
		counts[i] = byte(len(m.bucket(from+uint32(i))) / entrySize)
		all += int(counts[i])
	}
	distances, weights, at := make([]byte, all), make([]byte, all), places(counts)
	for i, n := range counts {
		in, before := m.bucket(from+uint32(i)), byte(0)
		for place := range n {
			language := in[0] &^ last
			distances[at[place]], weights[at[place]] = language-before, in[1]
			at[place]++
			in, before = in[entrySize:], language
		}
	}
	return [][]byte{pair(counts), distances, weights}
}

// grams calls f with the bucket and length of each n-gram of the words of s that belong to a group.
func grams(s string, in int, f func(bucket uint32, length int)) {
	var room wordRoom
	eachWord(s, in, &room, func(word []rune, _, _ int) { wordGrams(word, f) })
}

// wordGrams calls f with the bucket and length of each n-gram of a word as eachWord gives it.
func wordGrams(word []rune, f func(bucket uint32, length int)) {
	for i := range word {
		h := uint64(gramStart)
		for n := 1; n <= maxGram && i+n <= len(word); n++ {
			h = longer(h, word[i+n-1])
			if n == 1 && word[i] == '_' {
				continue
			}
			f(bucketOf(h), n)
		}
	}
}

// gramStart is the hash of no character, longer that of one more (FNV-1a).
const gramStart = 14695981039346656037

func longer(h uint64, r rune) uint64 { return (h ^ uint64(r)) * 1099511628211 }

func bucketOf(h uint64) uint32 { return uint32((h ^ h>>29) * 0x9E3779B97F4A7C15 >> (64 - bucketBits)) }

// longest is the length of the longest word as eachWord gives it.
const longest = 50

// wordRoom is memory for the longest word.
type wordRoom [longest]rune

// eachWord calls f with each word of s that belongs to a group, in small letters, and with its bytes' place. Words are padded with a
// boundary mark on both sides; digits and signs end them. f must not keep the runes, which are in the room given.
func eachWord(s string, in int, room *wordRoom, f func(word []rune, from, to int)) {
	word := append(room[:0], '_')
	from := 0
	flush := func(to int) {
		if len(word) > 1 {
			f(append(word, '_'), from, to)
			word = word[:1]
		}
	}
	table := kinds()
	for at, r := range s {
		switch k := table.of(r); {
		case k.group() == in, len(word) > 1 && k.joins():
			if r == '’' {
				r = '\''
			}
			if len(word) == 1 {
				from = at
			}
			if k.isCapital() {
				r = unicode.ToLower(r)
			}
			word = append(word, r)
			if len(word) == longest-1 { // no language has such words; a long run stays linear and bounded
				flush(at + utf8.RuneLen(r))
			}
		default:
			flush(at)
		}
	}
	flush(len(s))
}
