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
	label []rune  // the character that leads to a node
	child []int32 // a node's first child; where the next one's begin they end
	ends  []int32 // the first of Lexicon.parts that end at a node; likewise
	ascii [utf8.RuneSelf]int32
}

// plant puts the phrases into the trie, and the parts into the order of the nodes they end at.
func (l *Lexicon) plant() {
	type node struct{ from, to, depth int } // of the sorted phrases, those that begin with the same depth bytes
	sorted := make([]int, len(l.phrases))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(l.phrases[a], l.phrases[b]) })
	t, parts := &l.trie, make([]part, 0, len(l.parts))
	nodes := []node{{0, len(sorted), 0}}
	t.label = append(t.label, 0)
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		rest := func(k int) string { return l.phrases[sorted[k]][n.depth:] }
		t.child, t.ends = append(t.child, int32(len(nodes))), append(t.ends, int32(len(parts)))
		for ; n.from < n.to && rest(n.from) == ""; n.from++ {
			parts = append(parts, l.parts[sorted[n.from]])
		}
		for n.from < n.to {
			r, size := utf8.DecodeRuneInString(rest(n.from))
			same := n.from
			for same < n.to && strings.HasPrefix(rest(same), rest(n.from)[:size]) {
				same++
			}
			if i == 0 && r < utf8.RuneSelf {
				t.ascii[r] = int32(len(nodes))
			}
			nodes, t.label = append(nodes, node{n.from, same, n.depth + size}), append(t.label, r)
			n.from = same
		}
	}
	t.child, t.ends = append(t.child, int32(len(nodes))), append(t.ends, int32(len(parts)))
	l.parts, l.phrases = parts, nil
}

// step gives the child of a node that r leads to, 0 where there is none.
func (t *trie) step(node int32, r rune) int32 {
	if node == 0 && r < utf8.RuneSelf {
		return t.ascii[r]
	}
	from, to := t.child[node], t.child[node+1]
	for to-from > 4 {
		if middle := (from + to) / 2; t.label[middle] <= r {
			from = middle
		} else {
			to = middle
		}
	}
	for ; from < to; from++ {
		if t.label[from] == r {
			return from
		}
	}
	return 0
}
