package learn

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Encode writes the heads as a model's file: the magic, a line of JSON, which buckets are known, and their weights as signed bytes (see Model). A weight
// loses what is less than 1/254 of its head's largest.
func (t *Trainees) Encode(version string, thresholds map[string]float64) ([]byte, error) {
	return t.encode(version, thresholds, t.base.whole(), func(h *Trained) []float64 { return h.weights })
}

// EncodeFold is Encode for the weights that never saw the groups of a fold. The calibration is that of all folds.
func (t *Trainees) EncodeFold(fold int, version string, thresholds map[string]float64) ([]byte, error) {
	return t.encode(version, thresholds, t.base.without(fold), func(h *Trained) []float64 { return h.folds[fold] })
}

func (t *Trainees) encode(version string, thresholds map[string]float64, base *Model, of func(*Trained) []float64) ([]byte, error) {
	h := head{Version: version, Bits: bucketBits, Thresholds: thresholds}
	known := slices.Clone(t.kept)
	if base != nil {
		h.Base = base.Version
		known = append(known, base.known.buckets()...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	place := make([]int32, buckets)
	for i, b := range known {
		place[b] = int32(i)
	}
	rows := make([]byte, len(known)*len(t.Heads))
	for i := range t.Heads {
		one := t.Heads[i].Head
		sums, offset := t.sums(of(&t.Heads[i]), base, place, len(known))
		one.Offset += float64(one.Slope * offset)
		largest := 0.0
		for _, w := range sums {
			largest = max(largest, math.Abs(w))
		}
		one.Step = max(largest, 1e-9) / 127
		for k, w := range sums {
			rows[k*len(t.Heads)+i] = byte(int8(math.Round(w / one.Step)))
		}
		h.Heads = append(h.Heads, one)
	}
	known, rows = telling(known, rows, len(t.Heads))
	return write(&h, append(encodeKnown(known), rows...))
}

// write puts a model's file together: its beginning, and which buckets are known with their weights.
func write(h *head, weights []byte) ([]byte, error) {
	line, err := json.Marshal(h) // sorts the thresholds
	if err != nil {
		return nil, fmt.Errorf("write a model's first line: %w", err)
	}
	return slices.Concat([]byte(magic), line, []byte{'\n'}, weights), nil
}

// Digested is the same model under a version that begins with name and ends with a digest of all that the file holds: its questions, its
// thresholds, on what it stands, and every weight. Two models that could answer otherwise have two versions, whatever they learned from.
// ErrModel: the file is none.
func Digested(file []byte, name string) (digested []byte, version string, err error) {
	m, err := Open(string(file))
	if err != nil {
		return nil, "", err
	}
	weights := file[bytes.IndexByte(file[len(magic):], '\n')+len(magic)+1:]
	m.Version = name
	plain, err := write(&m.head, weights)
	if err != nil {
		return nil, "", err
	}
	digest := sha256.Sum256(plain)
	m.Version = fmt.Sprintf("%s-%x", name, digest[:4])
	digested, err = write(&m.head, weights)
	return digested, m.Version, err
}

// telling leaves out the buckets whose weights are all too small to be written.
func telling(known []uint32, rows []byte, heads int) ([]uint32, []byte) {
	zero := make([]byte, heads)
	n := 0
	for i, b := range known {
		if row := rows[i*heads:][:heads]; !bytes.Equal(row, zero) {
			known[n] = b
			copy(rows[n*heads:], row)
			n++
		}
	}
	return known[:n], rows[:n*heads]
}

// sums are a head's weights by place, those of the model that it stands on in them, and what that one's answers have beside them. place
// gives the place of each of so many buckets.
func (t *Trainees) sums(weights []float64, base *Model, place []int32, all int) (sums []float64, offset float64) {
	sums = make([]float64, all)
	for k, b := range t.kept {
		sums[place[b]] = weights[k]
	}
	if base != nil {
		offset = base.addTo(sums, weights[len(t.kept):], place)
	}
	return sums, offset
}
