package screening

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// cried are cries for help that say nothing more.
var cried = []string{
	"help", "HELP!!!!!", "help me please", "Heeeeelp!!!", "heeeeellllp meeee", "HELP HELP HELP HELP", "somebody help us now!!", "SOS SOS SOS",
	"🆘🆘🆘", "911 911 911", "112!!!",
	"救命", "救命救命救命救命", "救命啊啊啊啊啊啊", "救救我！！！！！", "救救救救救我", "快来人啊！！！", "来人啊来人啊来人啊", "救 命 ！！！！", "报警报警报警报警",
	"¡Socorro!", "socorrooooo", "¡¡¡AYUDA!!!", "auxilio auxilio auxilio", "ayúdenme por favor", "AYUDENME!!!!!!!!!!",
	"au secours!!!", "AU SECOUUUUURS", "aidez-moi", "à l'aide !!!!!!", "aidez nous vite svp",
	"الحقوني!!!!", "الحقونيييييي", "النجدة النجدة النجدة", "ساعدوني أرجوكم", "أنقذونا!!!!!!", "يا ناس الحقوني",
	"помогитеееее", "ПОМОГИТЕ!!!!!!!", "спасите", "на помощь!!!!!!", "помогите помогите помогите", "люди добрые, спасите!",
	"socorro!!!!!!", "me ajudem por favor", "ajudaaaaaa", "acudam!!!!!", "socorro socorro socorro",
	"Hilfe hilfe hilfe", "HILFEEEEE!!!!!!", "zu Hilfe!", "helft mir bitte", "Rettet uns!!!!!!",
	"助けて", "助けてええええ", "誰か助けて！！！！！", "たすけてーーーー", "助けて助けて助けて助けて", "早く助けてください",
	"बचाओ बचाओ", "बचाओओओओओ!!!!", "मदद करो", "कोई है मदद करो!!!!!!", "bachao bachao bachao",
}

// endangered are lives in danger, told as they are cried.
var endangered = []string{
	"HELP!!!!! he has a knife", "he is strangling her right now!!!!!!!!", "HEEEEELP he is killing me", "there is a fire, people are trapped!!!!!!!!",
	"着火了着火了着火了", "救命啊啊啊啊啊啊 有人拿刀砍人", "有人拿刀砍人！！！！！！！！！！",
	"¡¡¡¡¡Fuegooooo, hay niños dentro!!!!!!", "Au feu !!!!!!! Des gens sont coincés !!!!!!!", "حريييييق والناس محاصرين!!!!!!!!",
	"Пожааааар!!!!! Внутри люди!!!!!!", "Fogo!!!!!! Tem gente presa dentro!!!!!!!!", "Es brennt!!!!!!!!!! Da sind noch Leute drin!!!!!!!!!!",
	"火事だああああああ！！！！！中に人がいます！！！！！", "आग लग गई है!!!!!!!! लोग अंदर फँसे हैं!!!!!!!!",
}

func TestWhoCriesOutIsNotTakenForNoise(t *testing.T) {
	check := func(text string) {
		t.Helper()
		got := screen(text)
		if got.Urgency.Rank() > heed.High.Rank() || got.Relevance < Even || got.SetAside || got.Refuse {
			t.Errorf("%q: urgency %s, relevance %.2f, set aside %v, refuse %v; %+v", text, got.Urgency, got.Relevance, got.SetAside, got.Refuse, got.Reasons)
		}
		checkSpans(t, text, got)
		for _, r := range got.Reasons {
			if r.Rule == noiseRule {
				t.Errorf("%q is taken for noise", text)
			}
		}
	}
	for _, text := range cried {
		check(text)
		check(strings.ToUpper(text) + "!!!!!!!!")
	}
	for _, text := range endangered {
		check(text)
		check(text + " " + strings.Repeat("!", 40) + "😱😱😱😱😱😱")
	}
}

// Whatever signs, pictures and blanks stand around what somebody says, it is as urgent as without.
func TestSignsTakeNothingFromAnUrgency(t *testing.T) {
	for _, text := range append(endangered, "The inspector took an envelope before he stamped the papers", "Горит склад, внутри люди, вызовите кого-нибудь срочно") {
		plain := strings.NewReplacer("!", "", "！", "").Replace(text)
		want := screen(plain).Urgency
		for _, signed := range []string{plain + "!!!!!!!!!!!!!!!!!!!!", plain + "..........", "?????" + plain, plain + " 🔥🔥🔥🔥🔥🔥🔥🔥", plain + strings.Repeat(" ! ", 30)} {
			if got := screen(signed).Urgency; got.Rank() > want.Rank() {
				t.Errorf("%q is %s, without its signs %s", signed, got, want)
			}
		}
	}
}

func TestNoiseIsStillNoise(t *testing.T) {
	for _, text := range []string{
		"asdf asdf", "aaaaaaa", "!!!!!", ".....", "hahahahaha", "asdkjh qwrtz lkjhg", "哈哈哈哈哈哈哈哈", "555555", "1 1 1 1 1 1 1 1 1", "jjjjjjjjj kkkkkkkk",
		"ああああああ", "хахахаха", "jajajajaja", "xxxxxxxx", "abcabcabcabc", "fdsjkl fdsjkl fdsjkl", "ههههههههه", "kkkkkkkkk!!!!!",
	} {
		if got := screen(text); got.Urgency != heed.Low || !got.SetAside || got.Relevance > 0.05 {
			t.Errorf("%q: urgency %s, relevance %.2f, set aside %v; %+v", text, got.Urgency, got.Relevance, got.SetAside, got.Reasons)
		}
	}
}

func TestACryInAnotherSentenceIsNone(t *testing.T) {
	for _, text := range []string{
		"Can you help me with my password?", "Thanks for your help!!!!!", "Merci de votre aide", "你们的帮助真好，谢谢", "Danke für die Hilfe", "Obrigado pela ajuda",
	} {
		if got := screen(text); got.Urgency.Rank() <= heed.High.Rank() {
			t.Errorf("%q: urgency %s; %+v", text, got.Urgency, got.Reasons)
		}
	}
}

func TestEveryListedCryIsOne(t *testing.T) {
	s := New(Config{})
	cry := false
	for line := range strings.Lines(criesFile) {
		phrase, _, _ := strings.Cut(line, "#")
		switch phrase = strings.TrimSpace(phrase); phrase {
		case "":
			continue
		case "[[cry]]", "[[beside]]":
			cry = phrase == "[[cry]]"
			continue
		}
		folded := fold.String(phrase)
		listed, ok := listedCries().cry[keyOf(criedWords(nil, fold.StartsOf(folded), len(folded)))] // a cry, where it stands in both lists
		if got := s.prepareAll(s.open(phrase, ""), "")[0].cries.alone; !ok || got != listed || cry && !got {
			t.Errorf("%q is a cry by itself: %v, listed: %v", phrase, got, ok)
		}
	}
}
