// Package teach makes the language model from labelled texts. It imports the language package alone, and is used by the commands that write
// the model and that measure it; no serving process imports it, and it sees no report.
package teach

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"

	"github.com/heed-line/heed/internal/screening/language"
)

// Kinds are the sets of texts, each a file KIND.jsonl.gz of lines {"lang","text"}.
var Kinds = [...]string{"sentences", "word-pairs", "single-words"}

// Example is a text and its language (ISO 639, base tag).
type Example struct{ Lang, Text string }

// What is kept: every gram of up to four characters, longer ones from twice on.
var (
	least = [...]int{0, 1, 1, 1, 1, 2}
	alpha = 0.1
)

// Model trains on the texts of the folder data, the same ones giving the same model. With half, every other text by a hash of it is held back
// from the training and given by kind.
func Model(data string, half bool) (*language.Model, map[string][]Example, error) {
	trainer := language.NewTrainer()
	held := map[string][]Example{}
	for _, kind := range Kinds {
		examples, err := read(filepath.Join(data, kind+".jsonl.gz"))
		if err != nil {
			return nil, nil, err
		}
		for _, e := range examples {
			if half && Hash(e.Text)%2 == 1 {
				held[kind] = append(held[kind], e)
				continue
			}
			trainer.Add(e.Lang, e.Text)
			if e.Lang == "hi" {
				trainer.Add(language.RomanisedHindi, romanised(e.Text, false))
				trainer.Add(language.RomanisedHindi, romanised(e.Text, true))
			}
		}
	}
	return trainer.Model(least, alpha), held, nil
}

// Hash is FNV-1a of a text: its first bit says whether it is held back, its second whether the bounds of a switch were chosen on it.
func Hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

func read(path string) ([]Example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the training data: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	var out []Example
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read a line of %s: %w", path, err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return out, nil
}
