package names

import "unicode/utf8"

// featureCount is how many features a word has at most.
const featureCount = 31

// with joins hashes.
func (h hash) with(o hash) hash { return (h*hashPrime ^ o) * 2246822519 }

// features are the hashed features of the word at i. Each sort begins with a letter of its own.
func (r *reading) features(out []uint32, i int) []uint32 {
	if dense(r.words[i].shape) {
		return r.characters(out, i)
	}
	w, f := &r.words[i], r.at(i)
	b, a, bb, aa := r.at(i-1), r.at(i+1), r.at(i-2), r.at(i+2)
	cased := byte('0' + r.cased)
	add := func(h hash) { out = append(out, h.bucket()) }
	shaped := hash(0).signs(f.form, w.before, cased)
	here := func(h hash) { out = append(out, h.with(shaped).bucket()) }
	forms := hash(0).signs(b.form, f.form, a.form)
	levels := hash(0).signs('0'+b.level, '0'+f.level, '0'+a.level)

	here(of('B').with(r.lang))
	here(of('W').with(f.id))
	add(of('p').with(b.id))
	here(of('P').with(b.id))
	here(of('N').with(a.id))
	add(of('i').with(f.id).with(a.id))
	add(of('x').with(bb.id))
	add(of('X').with(bb.id).with(b.id))
	add(of('f').with(forms))
	add(of('F').with(forms).signs2(bb.form, aa.form))
	here(of('<').with(f.prefix))
	if f.stem != 0 {
		add(of('s').with(f.stem))
		add(of('t').with(b.stem))
	}
	here(of('2').with(f.suffix2))
	add(of('4').with(f.suffix4))
	here(of('z').with(b.suffix3))
	here(of('k').with(f.kinds))
	add(of('K').with(f.kinds).with(forms))
	here(of('l').with(b.kinds))
	here(of('m').with(a.kinds))
	here(of('o').with(levels))
	add(of('O').with(forms).sign('0' + f.level).with(r.lang))
	here(of('E').sign('0' + f.elsewhere).sign('0' + f.level))
	add(of('h').signs('0'+byte(b.hint), '0'+byte(f.hint), '0'+byte(a.hint)))
	add(of('H').sign('0' + byte(f.hint)).with(forms))

	// The run of likely words that the word is in, or beside.
	first, last, where := f.first, f.last, byte('i')
	switch {
	case !f.likely && i+1 < len(r.words) && a.likely:
		first, last, where = a.first, a.last, 'v'
	case !f.likely && i > 0 && b.likely:
		first, last, where = b.first, b.last, 'b'
	case first == last:
		where = 's'
	case i == first:
		where = 'f'
	case i == last:
		where = 'l'
	}
	left, right, head, tail := r.at(first-1), r.at(last+1), r.at(first), r.at(last)
	place := hash(0).signs(where, cased, byte('0'+min(last-first, 4)))
	add(of('A').with(place))
	add(of('C').with(left.id).sign(where))
	add(of('G').with(right.id).sign(where))
	add(of('I').with(tail.id).sign(where))
	add(of('Q').with(head.kinds).with(tail.kinds).with(place))
	add(of('S').with(left.kinds).with(tail.kinds).sign(where))
	return out
}

// characters are the features of a character of a script without blanks.
func (r *reading) characters(out []uint32, i int) []uint32 {
	f := r.at(i)
	b, a, bb, aa := r.at(i-1), r.at(i+1), r.at(i-2), r.at(i+2)
	add := func(h hash) { out = append(out, h.bucket()) }
	before := r.words[i].before
	script := hash(0).signs(b.form, f.form, a.form)
	add(of('b').signs2(f.form, before))
	add(of('B').with(r.lang).sign(f.form))
	add(of('w').with(f.id))
	add(of('p').with(b.id))
	add(of('n').with(a.id))
	add(of('x').with(bb.id))
	add(of('y').with(aa.id))
	add(of('q').with(b.id).with(f.id))
	add(of('i').with(f.id).with(a.id))
	add(of('f').with(script).sign(before))
	add(of('F').with(script).signs2(bb.form, aa.form))
	add(of('o').signs(b.pair, f.pair, a.pair).sign(bb.pair))
	add(of('O').signs2(b.pair, f.pair).with(f.id))
	add(of('h').signs('0'+byte(b.hint), '0'+byte(f.hint), '0'+byte(a.hint)))
	add(of('H').sign('0' + byte(f.hint)).with(f.id))
	add(of('k').signs2(b.pair, f.pair).sign('0' + byte(f.hint)))
	add(of('K').with(f.kinds).with(script).sign(before))
	add(of('l').with(b.kinds).with(f.kinds).signs2(b.pair, f.pair))
	add(of('M').with(bb.kinds).signs2(bb.pair, b.pair).with(a.id))
	return out
}

// prefix and suffix give so many characters.
func prefix(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func suffix(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}
