package screening

import (
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

// What is done to people is a deed. What somebody demands be done to them, or does by themselves, is none.
func TestADeedIsToldAndNotDemanded(t *testing.T) {
	for _, c := range []struct {
		language, text string
		deed           bool
	}{
		{"en", "They work for food and a bed.", true},
		{"en", "Somebody smeared the shutters.", true},
		{"en", "He should be dealt with by the army.", false},
		{"de", "Sie arbeiten für Essen.", true},
		{"de", "Der Mieter zahlt pünktlich und spricht gebrochen Deutsch.", false},
		{"de", "Der Chef zahlt ihnen nichts.", true},
		{"fr", "Ils travaillent sans salaire.", true},
		{"fr", "Ils trient ce qui est jeté.", false},
		{"es", "Trabajan gratis.", true},
		{"es", "Hay que desalojarlos.", false},
		{"es", "Los desalojaron anoche.", true},
		{"pt", "Trabalham de graça.", true},
		{"pt", "Ela faz tranças. Prendam essa gente.", false},
		{"pt", "O pai prende a moça em casa.", true},
		{"ru", "Работают за еду.", true},
		{"ru", "Выселите их, у них одна кровать.", false},
		{"ru", "Их выселили, на двери кровь.", true},
		{"ar", "تعمل بلا أجر.", true},
		{"ar", "تعمل في المخبز.", false},
		{"zh-Hans", "只管饭，没工资。", true},
		{"zh-Hans", "快把他赶走。", false},
		{"zh-Hans", "我们被赶走了。", true},
		{"ja", "給料は出ません。", true},
		{"ja", "すぐ追い出してください。", false},
		{"ja", "昨日追い出されました。", true},
		{"hi", "बस खाना देता है।", true},
		{"hi", "मजदूरी का पैसा नहीं मिला।", true}, // many leave the dots out
		{"hi", "दरवाजे पर निशान लगा गए।", true},
		{"hi", "makan malik ne ghar se nikal diya", true},
		{"hi", "रोज़ पूजा करता है।", false},
	} {
		if got := turnsOf(fold.New(c.text), c.language).deed; got != c.deed {
			t.Errorf("%s: a deed: %v", c.text, got)
		}
	}
}
