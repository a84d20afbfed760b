package main

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
)

// generator makes up submissions for a load: accounts of happenings that have nothing to do with each other, as most that
// reach a line, and files of random bytes that pass for pictures by their head.
type generator struct {
	files, fileBytes int

	mu     sync.Mutex
	random *rand.Rand
}

func newGenerator(files, fileBytes int) *generator {
	return &generator{files: files, fileBytes: fileBytes, random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
}

// benchWords are joined at random: two texts share words, as two reports do, but no turns of phrase.
var (
	benchWords = strings.Fields(`the a my our his their this every some no on in at near behind under from to with without before after during
		neighbour driver shopkeeper landlord clerk foreman courier inspector guard teacher cook nurse tenant baker plumber
		waste tickets medicine invoices cables barrels permits batteries passports meat scaffolding brakes fireworks paint petrol
		pesticide helmets ladders cheese timber receipts stamps tyres bottles furniture money papers boxes keys cameras
		road house gate yard cellar stairs office counter kitchen bridge platform roof window corner warehouse market school
		sells hides dumps burns forges demands threatens stores repairs ignores carries opens counts signs pays asks leaves
		and but because while again often never always since Monday Tuesday Friday morning night weekend o'clock month year
		open empty broken heavy old new wet dark loud cheap blue red white small large wrong hidden`)
)

// next makes one submission; it never ends.
func (g *generator) next() (*submission, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var text strings.Builder
	for range 3 + g.random.IntN(6) {
		for range 6 + g.random.IntN(8) {
			switch g.random.IntN(12) {
			case 0:
				text.WriteString(g.name())
			case 1:
				text.WriteString(strconv.Itoa(2 + g.random.IntN(95)))
			case 2, 3, 4:
				text.WriteString(strings.ToLower(g.name())) // a language has far more words than benchWords
			default:
				text.WriteString(g.pick(benchWords))
			}
			text.WriteByte(' ')
		}
		text.WriteString("there. ")
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

// name is a word that can be said and doesn't exist.
func (g *generator) name() string {
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	var name strings.Builder
	for i := range 2 + g.random.IntN(3) {
		c := consonants[g.random.IntN(len(consonants))]
		if i == 0 {
			c -= 'a' - 'A'
		}
		name.WriteByte(c)
		name.WriteByte(vowels[g.random.IntN(len(vowels))])
	}
	return name.String()
}

func (g *generator) pick(words []string) string { return words[g.random.IntN(len(words))] }
