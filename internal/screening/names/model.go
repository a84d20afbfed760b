package names

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sync"
)

const (
	bucketBits = 20
	magic      = "HNM4"
)

// Model holds the weights of the features that have any. It is read-only after Load and safe for concurrent use.
type Model struct {
	places []place                      // by 32 buckets
	rows   []uint64                     // of the buckets that have weights, in order: the labels', each in a byte and 128 too high
	moves  [scripts][labels][labels]int // from one label to the next
	sieve  sieve
}

// place is where the weights of 32 buckets are. Its two parts stand together, as memory is fetched for both at once.
type place struct {
	has    uint32 // which of them have any, a bit each
	before uint32 // how many buckets before them have
}

// find gives which rows are those of the features, without those that have none. It asks nothing of one feature before it goes on to the next:
// whether one has weights cannot be foreseen, and the processor would wait for memory each time.
func (m *Model) find(room *[featureCount]uint32, buckets []uint32) []uint32 {
	n := 0
	for _, b := range buckets {
		p, bit := m.places[b/32], b%32
		room[n] = p.before + uint32(bits.OnesCount32(p.has&(1<<bit-1)))
		n += int(p.has >> bit & 1)
	}
	return room[:n]
}

// newModel makes one of the weights of buckets, which come in order.
func newModel(buckets []uint32, rows []uint64) *Model {
	m := &Model{places: make([]place, 1<<bucketBits/32), rows: rows}
	for _, b := range buckets {
		m.places[b/32].has |= 1 << (b % 32)
	}
	n := 0
	for i := range m.places {
		m.places[i].before = uint32(n)
		n += bits.OnesCount32(m.places[i].has)
	}
	return m
}

//go:embed model.bin.gz
var shipped []byte

// Default is the model that Heed ships, read at the first call.
var Default = sync.OnceValue(func() *Model {
	m, err := Load(bytes.NewReader(shipped))
	if err != nil {
		panic("names: " + err.Error()) // the file is part of the program
	}
	return m
})

// Load reads a model as Write wrote it.
func Load(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the model of names: %w", err)
	}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(z, head); err != nil || string(head) != magic {
		return nil, errors.New("this is no model of names")
	}
	has := make([]uint32, 1<<bucketBits/32)
	moves := make([]int16, scripts*labels*labels)
	var s sieve
	if err := errors.Join(binary.Read(z, binary.LittleEndian, &s), binary.Read(z, binary.LittleEndian, moves), binary.Read(z, binary.LittleEndian, has)); err != nil {
		return nil, fmt.Errorf("read the model of names: %w", err)
	}
	var buckets []uint32
	for i, word := range has {
		for ; word != 0; word &= word - 1 {
			buckets = append(buckets, uint32(32*i+bits.TrailingZeros32(word)))
		}
	}
	rows := make([]uint64, len(buckets))
	column := make([]byte, len(rows))
	for l := range labels {
		if _, err := io.ReadFull(z, column); err != nil {
			return nil, fmt.Errorf("read the model of names: %w", err)
		}
		for i, weight := range column {
			rows[i] |= uint64(weight^high) << (8 * l)
		}
	}
	m := newModel(buckets, rows)
	m.sieve = s
	for i, v := range moves {
		m.moves[i/int(labels*labels)][i/int(labels)%int(labels)][i%int(labels)] = int(v)
	}
	return m, nil
}

// Write packs the model, the weights of one label behind those of another, which packs closest. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	b := []byte(magic)
	for _, weight := range m.sieve {
		b = append(b, byte(weight))
	}
	for k := range m.moves {
		for p := range m.moves[k] {
			for _, v := range m.moves[k][p] {
				b = binary.LittleEndian.AppendUint16(b, uint16(int16(v)))
			}
		}
	}
	for _, p := range m.places {
		b = binary.LittleEndian.AppendUint32(b, p.has)
	}
	for l := range labels {
		for _, row := range m.rows {
			b = append(b, byte(row>>(8*l))^high)
		}
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack the model of names: %w", err)
	}
	return nil
}

// high makes -128..127 to 0..255.
const high = 0x80

// nothing is the row of a feature whose weights are all 0.
const nothing = 0x0080808080808080
