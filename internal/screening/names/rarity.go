package names

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"
)

// commonBits is how many slots the table of common words has, as a power of two.
const commonBits = 19

//go:embed common.bin.gz
var commonPacked []byte

// commonTable says of words, by hash, how many of the training texts have them in small letters (or at all, where a script has no
// others): two bits each, four to a byte. In scripts without blanks they are pairs of characters.
var commonTable = sync.OnceValue(func() []byte {
	z, err := gzip.NewReader(bytes.NewReader(commonPacked))
	if err != nil {
		panic("names: " + err.Error()) // the file is part of the program
	}
	table := make([]byte, 1<<(commonBits-2))
	if _, err := io.ReadFull(z, table); err != nil {
		panic("names: " + err.Error())
	}
	return table
})

// common is how common a word is: 0 (hardly any text has it) to 3.
func common(h hash) byte {
	slot := commonSlot(h)
	return commonTable()[slot/4] >> (slot % 4 * 2) & 3
}

func commonSlot(h hash) uint32 { return uint32((h^h>>15)*2654435761) >> (32 - commonBits) }

// Count counts words for the table; the zero value has counted none.
type Count struct{ texts map[hash]int }

// Add counts a text's words. German has capitals on every noun.
func (c *Count) Add(text, lang string) {
	if c.texts == nil {
		c.texts = map[hash]int{}
	}
	words := Split(text)
	if casing(words) == shouted {
		return
	}
	seen := map[hash]bool{}
	for i := range words {
		w := &words[i]
		id := of('w').part(w.Lower)
		switch {
		case dense(w.shape):
			if i+1 < len(words) && words[i+1].before == touching && dense(words[i+1].shape) {
				seen[id.part(words[i+1].Lower)] = true
			}
		case w.shape == small, w.shape == other, lang == "de" && !w.Opens:
			seen[id] = true
		}
	}
	for h := range seen {
		c.texts[h]++
	}
}

// Pack makes the table, packed. Of words that share a slot the commonest counts.
func (c *Count) Pack() ([]byte, error) {
	table := make([]byte, 1<<(commonBits-2))
	for h, n := range c.texts {
		level := byte(0)
		switch {
		case n >= 30:
			level = 3
		case n >= 7:
			level = 2
		case n >= 3:
			level = 1
		}
		slot := commonSlot(h)
		if old := table[slot/4] >> (slot % 4 * 2) & 3; level > old {
			table[slot/4] = table[slot/4]&^(3<<(slot%4*2)) | level<<(slot%4*2)
		}
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack the common words: %w", err)
	}
	if _, err := z.Write(table); err != nil {
		return nil, fmt.Errorf("pack the common words: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the common words: %w", err)
	}
	return b.Bytes(), nil
}
