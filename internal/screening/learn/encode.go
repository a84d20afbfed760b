package learn

import (
	"encoding/json"
	"fmt"
	"math"
)

// Encode writes the heads as a model's file: the magic, a line of JSON, and the weights as signed bytes (see Model). A weight
// loses what is less than 1/254 of its head's largest.
func (t *Trainees) Encode(version string, thresholds map[string]float64) ([]byte, error) {
	return t.encode(version, thresholds, func(h *Trained) []float64 { return h.weights })
}

// EncodeFold is Encode for the weights that never saw the groups of a fold. The calibration is that of all folds.
func (t *Trainees) EncodeFold(fold int, version string, thresholds map[string]float64) ([]byte, error) {
	return t.encode(version, thresholds, func(h *Trained) []float64 { return h.folds[fold] })
}

func (t *Trainees) encode(version string, thresholds map[string]float64, of func(*Trained) []float64) ([]byte, error) {
	h := head{Version: version, Bits: bucketBits, Thresholds: thresholds}
	for i := range t.Heads {
		one := t.Heads[i].Head
		largest := 0.0
		for _, w := range of(&t.Heads[i]) {
			largest = max(largest, math.Abs(w))
		}
		one.Step = max(largest, 1e-9) / 127
		h.Heads = append(h.Heads, one)
	}
	line, err := json.Marshal(h) // sorts the thresholds
	if err != nil {
		return nil, fmt.Errorf("write a model's first line: %w", err)
	}
	file := append([]byte(magic), line...)
	file = append(file, '\n')
	weights := make([]byte, buckets*len(h.Heads))
	for i := range t.Heads {
		from := of(&t.Heads[i])
		for k, b := range t.kept {
			weights[int(b)*len(h.Heads)+i] = byte(int8(math.Round(from[k] / h.Heads[i].Step)))
		}
	}
	return append(file, weights...), nil
}
