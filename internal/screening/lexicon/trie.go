package lexicon

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// trie leads from the first character of a phrase to its last. The children of a node lie side by side in the order of their
// characters; node 0 is the root, and nobody's child.
type trie struct {
	nodes []node   // and one more, for the ends of the last
	label []rune   // of each node the character that leads to it: those of its children side by side, for a step looks at them alone
	skips string   // what the nodes skip
	first []uint16 // the children of the root by their characters, as far as those are below firstMost; most steps end here
}

// node is laid out so that a step finds what it needs in one place of memory. What all phrases below it go on with is skipped
// (Morrison, "PATRICIA", 1968): seven in ten characters lead to one other only.
type node struct {
	child   int32 // its first child; where the next one's begin they end
	ends    int32 // the first of Lexicon.parts that end at it; likewise
	skip    int32 // where in skips stands what follows the label
	skipped int32 // its length in bytes
}

// firstMost bounds trie.first, which is as long as the last character that begins a phrase asks for.
const firstMost = 0xE000

// plant puts the phrases into the trie, and the parts into the order of the nodes they end at.
func (l *Lexicon) plant() {
	type branch struct{ from, to, depth int } // of the sorted phrases, those that begin with the same depth bytes
	sorted := make([]int, len(l.phrases))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(l.phrases[a], l.phrases[b]) })
	t, parts := &l.trie, make([]part, 0, len(l.parts))
	branches, leads := []branch{{0, len(sorted), 0}}, make([]int32, l.gapped)
	var skips []byte
	t.nodes, t.label = append(t.nodes, node{}), append(t.label, 0)
	for i := 0; i < len(branches); i++ {
		n := branches[i]
		rest := func(k int) string { return l.phrases[sorted[k]][n.depth:] }
		t.nodes[i].child, t.nodes[i].ends = int32(len(branches)), int32(len(parts))
		for ; n.from < n.to && rest(n.from) == ""; n.from++ {
			parts = l.gather(parts, int(t.nodes[i].ends), l.parts[sorted[n.from]], leads)
		}
		for n.from < n.to {
			r, size := utf8.DecodeRuneInString(rest(n.from))
			same := n.from
			for same < n.to && strings.HasPrefix(rest(same), rest(n.from)[:size]) {
				same++
			}
			skip := shared(rest(n.from)[size:], rest(same - 1)[size:])
			t.nodes = append(t.nodes, node{skip: int32(len(skips)), skipped: int32(len(skip))})
			t.label = append(t.label, r)
			skips = append(skips, skip...)
			branches = append(branches, branch{n.from, same, n.depth + size + len(skip)})
			n.from = same
		}
	}
	t.nodes = append(t.nodes, node{child: int32(len(branches)), ends: int32(len(parts))})
	t.skips = string(skips)
	t.root()
	for i := range parts {
		if p := &parts[i]; p.index > 0 {
			p.lead = leads[p.gapped]
		}
	}
	l.parts, l.phrases = parts, nil
}

// gather adds a part to those of a node, which begin at from. What begins several entries is one part for all of them, and leads tells each
// entry which.
func (l *Lexicon) gather(parts []part, from int, p part, leads []int32) []part {
	if p.of == 1 || p.index > 0 {
		return append(parts, p)
	}
	for _, have := range parts[from:] {
		if have.of > 1 && have.index == 0 && have.prefix == p.prefix {
			leads[p.gapped] = have.lead
			return parts
		}
	}
	p.lead = l.leads
	leads[p.gapped] = p.lead
	l.leads++
	return append(parts, p)
}

// shared is what two phrases both begin with, in whole characters.
func shared(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}

// root fills in first. No two phrases of a lexicon begin with 65,536 different characters.
func (t *trie) root() {
	for k, label := range t.label[t.nodes[0].child:t.nodes[1].child] {
		if label < firstMost {
			t.first = append(t.first, make([]uint16, int(label)+1-len(t.first))...)
			t.first[label] = uint16(1 + k)
		}
	}
}

// step gives the child of a node that r leads to, 0 where there is none.
func (t *trie) step(at int32, r rune) int32 {
	if at == 0 && r < firstMost {
		if int(r) < len(t.first) {
			return int32(t.first[r])
		}
		return 0
	}
	from := t.nodes[at].child
	labels := t.label[from:t.nodes[at+1].child]
	for len(labels) > 8 {
		if half := len(labels) / 2; labels[half] <= r {
			from, labels = from+int32(half), labels[half:]
		} else {
			labels = labels[:half]
		}
	}
	for k, label := range labels {
		if label == r {
			return from + int32(k)
		}
	}
	return 0
}

// begins says whether any phrase may begin with r.
func (t *trie) begins(r rune) bool {
	return r >= firstMost || int(r) < len(t.first) && t.first[r] != 0
}
