package learn

import (
	"encoding/json"
	"fmt"
	"math"
)

// Encode writes the heads as a model's file: the magic, a line of JSON, and the weights as signed bytes (see Model). A weight
// loses what is less than 1/254 of its head's largest.
func (t *Trainees) Encode(version string, thresholds map[string]float64) ([]byte, error) {
	h := head{Version: version, Bits: bucketBits, Thresholds: thresholds}
	for i := range t.Heads {
		trained := &t.Heads[i]
		largest := 0.0
		for _, w := range trained.weights {
			largest = max(largest, math.Abs(w))
		}
		trained.Step = max(largest, 1e-9) / 127
		h.Heads = append(h.Heads, trained.Head)
	}
	line, err := json.Marshal(h) // sorts the thresholds
	if err != nil {
		return nil, fmt.Errorf("write a model's first line: %w", err)
	}
	file := append([]byte(magic), line...)
	file = append(file, '\n')
	weights := make([]byte, buckets*len(h.Heads))
	for i := range t.Heads {
		for k, b := range t.kept {
			weights[int(b)*len(h.Heads)+i] = byte(int8(math.Round(t.Heads[i].weights[k] / t.Heads[i].Step)))
		}
	}
	return append(file, weights...), nil
}
