package language

import "testing"

// What is remembered of pairs of characters, and read from where bits say that there is something, is what the n-grams say one by one.
func TestAWordIsWorthTheSumOfItsNGrams(t *testing.T) {
	m := Default()
	c := newCounter(m)
	for _, text := range []string{"the Strasse qué l'école xqzv a", "в подвале ёлка їжак", "楼道里有一股奇怪的味道", "階段で変なにおいがします", "رائحة غريبة"} {
		for g := range groups {
			if len(c.members[g]) < 2 {
				continue
			}
			var room wordRoom
			eachWord(text, g, &room, func(word []rune, _, _ int) {
				var sums [most + 1]int
				wordGrams(word, func(bucket uint32, _ int) {
					in := m.bucket(bucket)
					for i := 0; i < len(in); i += entrySize {
						sums[in[i]&^last] += int(in[i+1])
					}
				})
				said, _ := c.ask(word, g)
				again, _ := c.ask(word, g)
				for k, l := range c.members[g] {
					if int(said[k]) != sums[l] || again[k] != said[k] {
						t.Errorf("%q: %s says %d, then %d, not %d", string(word), m.languages[l], said[k], again[k], sums[l])
					}
				}
			})
		}
	}
}

func TestAWordThatIsSaidOftenIsRemembered(t *testing.T) {
	k := newKnown(2)
	often := []rune("_often_")
	for n := range rune(200_000) {
		if n%50 == 0 {
			k.place(often)
		}
		k.place([]rune{'_', 'a' + n%5000, 'a' + n/5000, '_'})
	}
	if _, met := k.place(often); !met {
		t.Error("it is forgotten")
	}
	if _, met := k.place([]rune("_never_")); met {
		t.Error("a word that was never said is known")
	}
}
