package learn

import (
	"encoding/json"
	"fmt"
	"math"
)

// Encode writes the heads as a model's file: the magic, a line of JSON, and the weights as signed bytes (see Model). A weight
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
	if base != nil {
		h.Base = base.Version
	}
	weights := make([]byte, buckets*len(t.Heads))
	for i := range t.Heads {
		one := t.Heads[i].Head
		sums, offset := t.sums(of(&t.Heads[i]), base)
		one.Offset += float64(one.Slope * offset)
		largest := 0.0
		for _, w := range sums {
			largest = max(largest, math.Abs(w))
		}
		one.Step = max(largest, 1e-9) / 127
		for b, w := range sums {
			weights[b*len(t.Heads)+i] = byte(int8(math.Round(w / one.Step)))
		}
		h.Heads = append(h.Heads, one)
	}
	line, err := json.Marshal(h) // sorts the thresholds
	if err != nil {
		return nil, fmt.Errorf("write a model's first line: %w", err)
	}
	file := append([]byte(magic), line...)
	file = append(file, '\n')
	return append(file, weights...), nil
}

// sums are a head's weights by bucket, those of the model that it stands on in them, and what that one's answers have beside them.
func (t *Trainees) sums(weights []float64, base *Model) (sums []float64, offset float64) {
	sums = make([]float64, buckets)
	for k, b := range t.kept {
		sums[b] = weights[k]
	}
	if base != nil {
		offset = base.addTo(sums, weights[len(t.kept):])
	}
	return sums, offset
}
