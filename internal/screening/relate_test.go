package screening

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func TestLookAlikesAboutOtherHappeningsAreNoCopies(t *testing.T) {
	s := New(Config{})
	for _, pair := range [][2]string{
		{"The lift in Birch House, 12 Mill Lane, is stuck between floors and an old man is inside.", "The lift in Oak House, 31 Dock Lane, is stuck again between two floors, a woman with a pram is inside."},
		{"Air quality 148 at 6:15 in the port, over the limit of 120.", "Air quality 291 at 10:45 in the port, over the limit of 200 there."},
		{"Bus 3307 on route 14 has bad brakes, the driver told me so this morning.", "Bus 2218 on route 62 has bad brakes, the driver told us so last night."},
		{"和悦苑3号楼电梯从11楼滑到8楼，有个孕妇腿卡了一下。", "和悦西区12号楼电梯停在15楼，老人被困了半个小时。"},
		{"Un homme crie dans la cour de l'immeuble, rue des Lilas, il a un couteau.", "Une femme crie dans la cage d'escalier, rue Pasteur, quelqu'un la frappe."},
	} {
		a, b := s.Features(pair[0]), s.Features(pair[1])
		if kind, score, _ := Relate(a, b); kind == heed.MatchCopy {
			t.Errorf("%q is called a copy of %q at %v", pair[1], pair[0], score)
		}
	}
}

func TestACutOrCorrectedTextIsACopy(t *testing.T) {
	s := New(Config{})
	whole := vanReport + " The police were told twice, and nobody has come. The head of the school knows about it too, she says that the road is public."
	for _, text := range []string{vanReport, "Correction: " + strings.Replace(whole, "Monday", "Tuesday", 1), strings.ToUpper(whole)} {
		if kind, score, reasons := Relate(s.Features(whole), s.Features(text)); kind != heed.MatchCopy || len(reasons) == 0 {
			t.Errorf("%q is %q at %v", text, kind, score)
		}
	}
}

func TestNoTextHasMoreMarksThanAnother(t *testing.T) {
	s := New(Config{})
	for name, text := range hostile() {
		marks := MarksOf(plainHash{}, s.Features(text))
		if n := len(marks.Asked()); n > 130 {
			t.Errorf("%s asks for %d marks", name, n)
		}
		if n := len(marks.Kept(func(int64) int { return 0 })); n > 21 {
			t.Errorf("%s keeps %d marks", name, n)
		}
		if kept := marks.Kept(func(int64) int { return MarkCommon }); len(kept) != 0 {
			t.Errorf("%s keeps %d marks that are common", name, len(kept))
		}
	}
}

func TestAFloodFillsNoListBeyondItsBound(t *testing.T) {
	h, s := newHistory(), New(Config{})
	for i := range 300 {
		out, f := s.Assess(Input{Text: fmt.Sprintf("help fire %d", i%7)})
		out.Similar = nil
		h.place(judged{heed.ID(fmt.Sprint(i)), f, MarksOf(plainHash{}, f), nil}, &out)
	}
	for _, at := range h.heads.slots {
		mark, p := at.key, at.value
		if p.count > MarkCommon {
			t.Errorf("%d reports have the mark %x", p.count, mark)
		}
	}
}

// TestMarksAreAsTheirVectorsSay holds the form of a mark to testdata/marks.json (docs/crypto.md), which a reader written
// from SipHash's paper checks in TestTheVectorsOfMarksAreSipHash.
func TestMarksAreAsTheirVectorsSay(t *testing.T) {
	for _, v := range markVectors(t) {
		if got := fmt.Sprintf("%016x", uint64(mark(v.key(t), v.Sort[0], v.Value))); got != v.Mark {
			t.Errorf("mark %s of %d is %s, not %s", v.Sort, v.Value, got, v.Mark)
		}
	}
}

type markVector struct {
	Key   string `json:"key"` // two u64, big-endian
	Sort  string `json:"sort"`
	Value uint64 `json:"value"`
	Mark  string `json:"mark"` // u64, big-endian
}

func (v markVector) bytes(t *testing.T) [2]uint64 {
	b, err := hex.DecodeString(v.Key)
	if err != nil || len(b) != 16 {
		t.Fatalf("key %q: %v", v.Key, err)
	}
	var k [2]uint64
	for i, c := range b {
		k[i/8] = k[i/8]<<8 | uint64(c)
	}
	return k
}

func (v markVector) key(t *testing.T) sipKey { k := v.bytes(t); return sipKey{k[0], k[1]} }

func markVectors(t *testing.T) (vs []markVector) {
	b, err := os.ReadFile("testdata/marks.json")
	if err == nil {
		err = json.Unmarshal(b, &vs)
	}
	if err != nil || len(vs) == 0 {
		t.Fatalf("%d vectors: %v", len(vs), err)
	}
	return vs
}

// TestTheVectorsOfMarksAreSipHash reads the vectors a second time: SipHash-2-4 step by step as the paper (Aumasson &
// Bernstein, 2012, section 2) has it, sharing nothing with siphash.go.
func TestTheVectorsOfMarksAreSipHash(t *testing.T) {
	for _, v := range markVectors(t) {
		message := []byte{v.Sort[0]}
		for i := range 8 {
			message = append(message, byte(v.Value>>(8*i)))
		}
		if got := fmt.Sprintf("%016x", paperSipHash(v.bytes(t), message)); got != v.Mark {
			t.Errorf("SipHash gives %s, the vector says %s", got, v.Mark)
		}
	}
}

func paperSipHash(k [2]uint64, message []byte) uint64 {
	v := [4]uint64{k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573}
	turn := func(x uint64, by uint) uint64 { return x<<by | x>>(64-by) }
	round := func() {
		v[0], v[2] = v[0]+v[1], v[2]+v[3]
		v[1], v[3] = turn(v[1], 13)^v[0], turn(v[3], 16)^v[2]
		v[0] = turn(v[0], 32)
		v[2], v[0] = v[2]+v[1], v[0]+v[3]
		v[1], v[3] = turn(v[1], 17)^v[2], turn(v[3], 21)^v[0]
		v[2] = turn(v[2], 32)
	}
	padded := append([]byte{}, message...)
	for len(padded)%8 != 7 {
		padded = append(padded, 0)
	}
	padded = append(padded, byte(len(message)))
	for ; len(padded) > 0; padded = padded[8:] {
		var m uint64
		for i := 7; i >= 0; i-- {
			m = m<<8 | uint64(padded[i])
		}
		v[3] ^= m
		round()
		round()
		v[0] ^= m
	}
	v[2] ^= 0xff
	for range 4 {
		round()
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3]
}

func TestANumberIsOneThingWithItsCountryAndWithout(t *testing.T) {
	s := New(Config{Regions: []string{"GB"}})
	for _, pair := range [][2]string{
		{"He wants the money by phone, 020 7946 0148, he said.", "Quien vende eso contesta en el +44 (0)20 7946 0148."},
		{"See shop.example/a for the tablets.", "Die Tabletten gibt es bei HTTPS://Shop.Example/a/ zu kaufen."},
		{"It went to GB82WEST12345698765432.", "El dinero fue a GB82 WEST 1234 5698 7654 32."},
	} {
		a, b := s.Features(pair[0]), s.Features(pair[1])
		shared := 0
		for i, mine := range a.signed {
			if a.signs[i].kind == signDetail && slices.Contains(b.signed, mine) {
				shared++
			}
		}
		if shared != 1 {
			t.Errorf("%q and %q share %d details", pair[0], pair[1], shared)
		}
	}
}

func TestANameThatStandsInBothTextsMakesThemNoOthersThoughOneWasReadDifferently(t *testing.T) {
	text := "Since Monday the bakery behind the old mill pours its oil into the drain, the smell is terrible and nobody comes"
	later := "Since Monday the bakery behind the old mill pours its oil into the drain, the smell is awful and nobody comes"
	features := func(text, name string) Features {
		start := strings.Index(text, name)
		return Features{text: text, signs: []sign{{kind: signName, start: int32(start), end: int32(start + len(name))}}, signed: []uint32{wordHash(name)}}
	}
	for _, c := range []struct {
		later, name string
		differ      bool
	}{{later, "old mill", false}, {strings.Replace(later, "bakery", "tannery", 1), "tannery", true}} {
		a, b := features(text, "bakery"), features(c.later, c.name)
		var compare comparer
		compare.take(&b, nil)
		if got := compare.differ(&a); got != c.differ {
			t.Errorf("%s: differ %v", c.name, got)
		}
	}
}

func TestALongNameWithOneCharacterEditedIsTheSameAndAPersonsIsNot(t *testing.T) {
	for _, c := range []struct {
		name, text string
		stands     bool
	}{
		{"云栖花园", "云栖花院的电梯坏了", true},
		{"云栖花园", "去栖花园的路", true},
		{"云栖花园", "云山花园的电梯坏了", false},
		{"仇维民", "仇维明说的", false},
		{"Elm Court", "Elm Cour", false},
	} {
		if got := standsIn(c.name, c.text); got != c.stands {
			t.Errorf("%s in %q: %v", c.name, c.text, got)
		}
	}
}

// 云栖花园 is found as 云栖, 栖花 and 花园.
func TestANameThatIsFoundInPiecesSaysNoMoreThanItsBestPiece(t *testing.T) {
	c := comparer{of: &Features{signs: []sign{{start: 0, end: 6}, {start: 3, end: 9}, {start: 6, end: 12}, {start: 30, end: 36}}}}
	c.shared = []sharedSign{{2, 0.25}, {0, 0.5}, {3, 0.125}, {1, 0.375}}
	if sum := c.apart(); sum != 0.625 || !slices.Equal(c.shared, []sharedSign{{0, 0.5}, {3, 0.125}}) {
		t.Errorf("%v together say %v", c.shared, sum)
	}
}
