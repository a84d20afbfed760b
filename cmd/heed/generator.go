package main

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"sync"
)

// generator makes up submissions for a load: sentences that differ enough not to be each other's copies, and files of
// random bytes that pass for pictures by their head.
type generator struct {
	files, fileBytes int

	mu     sync.Mutex
	random *rand.Rand
}

func newGenerator(files, fileBytes int) *generator {
	return &generator{files: files, fileBytes: fileBytes, random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
}

var (
	benchSubjects = strings.Fields("neighbour driver shopkeeper landlord clerk foreman courier inspector guard stranger")
	benchVerbs    = strings.Fields("sells hides dumps burns forges demands threatens stores repairs ignores")
	benchObjects  = strings.Fields("waste tickets medicine invoices cables barrels permits batteries passports meat scaffolding brakes")
	benchPlaces   = strings.Fields("harbour market school station bridge warehouse canal clinic depot stairwell quarry tunnel")
)

// next makes one submission; it never ends.
func (g *generator) next() (*submission, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var text strings.Builder
	for range 3 + g.random.IntN(6) {
		text.WriteString("The " + g.pick(benchSubjects) + " " + g.pick(benchVerbs) + " " + g.pick(benchObjects) + " near the " + g.pick(benchPlaces) +
			" " + g.pick(benchPlaces) + ", house " + string(rune('A'+g.random.IntN(26))) + g.pick(benchObjects)[:3] + ". ")
	}
	sub := &submission{Text: strings.TrimSpace(text.String()), Language: "en"}
	for range g.files {
		// A PNG's signature (RFC 2083 §3.1) and random bytes: typed as a picture, compressible by nobody.
		data := make([]byte, 8, g.fileBytes+8)
		copy(data, "\x89PNG\r\n\x1a\n")
		for len(data) < g.fileBytes {
			data = binary.LittleEndian.AppendUint64(data, g.random.Uint64())
		}
		sub.Files = append(sub.Files, namedFile{Name: "picture.png", Data: data})
	}
	return sub, true
}

func (g *generator) pick(words []string) string { return words[g.random.IntN(len(words))] }
