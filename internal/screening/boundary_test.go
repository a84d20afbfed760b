package screening_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// boundaryCase is one of testdata/boundary.jsonl: pairs of a report solely about who somebody is, and one that speaks of
// the same people and must never be refused. Ours, by one author; the halves are told apart in docs/screening.md.
type boundaryCase struct {
	ID, Trait, Lang, Kind, Text string
	Half                        string // tuned, held
	Refuse                      bool
}

// casesOf reads a file of testdata, a case a line.
func casesOf[T any](t *testing.T, file string) (all []T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var c T
		err := d.Decode(&c)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
}

func TestReportsAboutWhoSomebodyIsAreProposedForRefusalAndConcreteActsNever(t *testing.T) {
	s := screening.New(screening.Config{})
	found := map[string][2]int{} // by half: refused of what is to be refused
	for _, c := range casesOf[boundaryCase](t, "boundary.jsonl") {
		r := s.Screen(screening.Input{Text: c.Text})
		if !c.Refuse {
			if r.Refuse || r.SetAside {
				t.Errorf("%s (%s, %s): refused %v, set aside %v", c.ID, c.Kind, c.Half, r.Refuse, r.SetAside)
			}
			continue
		}
		n := found[c.Half]
		n[1]++
		if r.Refuse {
			n[0]++
		} else if c.Half == "tuned" {
			t.Errorf("%s: not proposed for refusal: %+v", c.ID, r.Reasons)
		}
		found[c.Half] = n
	}
	for half, n := range found {
		t.Logf("%s: %d of %d proposed for refusal", half, n[0], n[1])
	}
}

func TestAlarmOverWhatSomebodyBelievesIsNoDanger(t *testing.T) {
	s := screening.New(screening.Config{})
	for text, refuse := range map[string]bool{
		"DANGEROUS!!! The woman who runs the library is a humanist and told the reading club that she does not believe in hell. Put her on your list today.":         true,
		"URGENTE, PELIGRO: el profesor de música es budista y medita en el patio todos los lunes con sus alumnos. Investíguenlo hoy.":                                true,
		"紧急！我们单元的老太太信佛，每天早上念经，太危险了，请马上查她。":                                                                                                                           true,
		"GEFAHR!! Der neue Hausmeister ist Zeuge Jehovas und liest in der Pause die Bibel. Sofort überprüfen.":                                                       true,
		"DANGEROUS!!! The woman who runs the library is a humanist, and since Monday somebody pushes burning paper through her letterbox at night.":                  false,
		"URGENTE, PELIGRO: el profesor de música es budista y ayer unos padres lo esperaron fuera con palos y le rompieron la mano.":                                 false,
		"紧急！我们单元的老太太信佛，每天早上念经，昨晚有人往她门上泼汽油，说要烧死她。":                                                                                                                    false,
		"GEFAHR!! Der neue Hausmeister ist Zeuge Jehovas. Gestern hat ihm einer die Bremsleitung am Rad durchgeschnitten und geschrieben, das nächste Mal klappt's.": false,
	} {
		if r := s.Screen(screening.Input{Text: text}); r.Refuse != refuse {
			t.Errorf("%s: refused %v: %+v", text, r.Refuse, r.Reasons)
		}
	}
}

func TestWhoIsHurtForWhoTheyAreIsNeverRefusedHoweverFewTheirWords(t *testing.T) {
	s := screening.New(screening.Config{})
	for _, text := range []string{
		"I am an atheist and my uncles know where I live now.",
		"She wears the veil. Her husband will not let her see a doctor.",
		"The elders touch the boys after bible class.",
		"The sect keeps the children from the doctor.",
		"The community leader says whoever leaves will be dealt with. I left.",
		"Mir haben sie das Kopftuch heruntergerissen und gelacht, in der Linie 5.",
		"Sie wissen, dass wir Christen sind, und sie haben unsere Adresse.",
		"Saben que somos judíos y tienen nuestra dirección.",
		"Ils savent que nous sommes juifs et ils ont notre adresse.",
		"Они знают, что мы евреи, и у них есть наш адрес.",
		"هم يعرفون أننا مسيحيون وعندهم عنواننا.",
		"أبي عرف أني مثلي وأخذ هاتفي ومفتاحي.",
		"عمي مسيحي والشباب في الحارة أخذوا صليبه ورموه.",
		"वे जानते हैं कि हम मुसलमान हैं और उनके पास हमारा पता है।",
		"他们知道我们是基督徒,也有我们的地址。",
		"叔叔信锡克教,他们把他的胡子剪了。",
		"我改信基督教,哥哥们在找我。",
		"宗教の人が姉を返してくれません。もう何日も食べていないそうです。",
	} {
		if r := s.Screen(screening.Input{Text: text}); r.Refuse {
			t.Errorf("%s: refused: %+v", text, r.Reasons)
		}
	}
}
