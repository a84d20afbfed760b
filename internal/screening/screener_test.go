package screening

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

func screen(text string) heed.Screening {
	return New(Config{}).Screen(Input{ID: "r", Text: text, Channel: heed.ChannelWeb})
}

func TestALifeInDangerIsImmediateInEveryLanguage(t *testing.T) {
	for _, text := range []string{
		"Please hurry, the flat above us is burning and the old lady can't get out",
		"there's a man with a knife in the school yard right now",
		"I have taken all my pills and I don't want to live any more",
		"厨房着火了，我奶奶还在里面，快来人",
		"有人拿着刀在校门口砍人",
		"Hay un incendio en el tercer piso y hay niños dentro, vengan ya",
		"Mon voisin est en train de frapper sa femme avec une barre, elle crie au secours",
		"في حريق بالعمارة والناس محاصرين جوا، ابعتوا إسعاف بسرعة",
		"Горит склад, внутри люди, вызовите кого-нибудь срочно",
		"Tem um homem com uma faca ameaçando as crianças na creche agora",
		"Es brennt im Keller und im Haus sind noch Leute drin",
		"マンションの三階から炎が出ています。中に人がいます。助けて",
		"दुकान में आग लग गई है और मज़दूर अंदर फँसे हैं, जल्दी आओ",
	} {
		if got := screen(text); got.Urgency != heed.Immediate || got.SetAside || got.Refuse {
			t.Errorf("%q: urgency %s, set aside %v, refuse %v; %+v", text, got.Urgency, got.SetAside, got.Refuse, got.Reasons)
		}
	}
}

func TestWhatComesBackEveryWeekIsNoLifeInDanger(t *testing.T) {
	for _, text := range []string{
		"Every Thursday evening a lorry tips drums of something oily behind the old tannery",
		"Todos los jueves un camión tira bidones de aceite detrás de la curtiduría vieja",
		"每周四晚上有辆卡车在旧皮革厂后面倒油桶",
	} {
		if got := screen(text); got.Urgency == heed.Immediate || got.Relevance < 0.5 {
			t.Errorf("%q: urgency %s, relevance %.2f; %+v", text, got.Urgency, got.Relevance, got.Reasons)
		}
	}
}

func TestARiskThatComesBackIsNoLifeInDangerNow(t *testing.T) {
	for _, text := range []string{
		"The bus driver is always on his phone while driving",
		"The driver of the school bus texts at the wheel",
		"El conductor del autobús habla por el móvil mientras conduce",
		"公交司机开车看手机",
		"Der Busfahrer ist beim Fahren am Handy",
		"Le chauffeur du bus est au téléphone en conduisant",
	} {
		if got := screen(text); got.Urgency == heed.Immediate || got.Relevance < 0.5 {
			t.Errorf("%q: urgency %s, relevance %.2f; %+v", text, got.Urgency, got.Relevance, got.Reasons)
		}
	}
}

func TestAPettyMatterIsStillOne(t *testing.T) {
	for _, text := range []string{
		"A neighbour burns rubbish", "邻居在烧垃圾", "Un vecino quema basura", "Un voisin brûle ses ordures", "جاري يحرق القمامة",
		"Сосед жжет мусор", "O vizinho queima lixo", "Ein Nachbar verbrennt Müll", "近所の人がゴミを燃やしています",
	} {
		if got := screen(text); got.Relevance < 0.5 || got.Category != "environment" || got.Urgency == heed.Immediate {
			t.Errorf("%q: category %s, urgency %s, relevance %.2f; %+v", text, got.Category, got.Urgency, got.Relevance, got.Reasons)
		}
	}
}

func TestAPlainSentenceAboutAWrongIsRelevant(t *testing.T) {
	for _, text := range []string{
		"The inspector took an envelope before he stamped the papers",
		"The kiosk by the school sells cigarettes to children",
		"Le contrôleur a pris une enveloppe avant de signer",
	} {
		if got := screen(text); got.Relevance < 0.5 {
			t.Errorf("%q: category %s, relevance %.2f; %+v", text, got.Category, got.Relevance, got.Reasons)
		}
	}
}

func TestWhoSomebodyIsIsNoReport(t *testing.T) {
	for _, text := range []string{
		"The woman upstairs wears a headscarf and goes to the mosque every Friday. Thought you should know.",
		"My neighbour goes to that church every week, you should know.",
		"我邻居每个周末都去教堂做礼拜，感觉不对劲，你们查一查",
		"Mi vecino tiene un acento extranjero y reza en el balcón. Por si acaso aviso.",
		"Ma collègue va aux manifestations avec une pancarte, je préfère signaler.",
		"جارنا يصلي في البيت بطريقة غريبة، حبيت أبلغ",
		"Сосед молится по утрам и говорит с акцентом. Мало ли.",
		"Meu colega critica o governo nas redes e foi na passeata, achei melhor avisar",
		"Der neue Mieter betet auf dem Balkon und hat einen Akzent. Wollte es nur melden.",
		"隣の部屋に外国人が住んでいて、毎晩お祈りしています。念のため。",
	} {
		got := screen(text)
		if !got.Refuse {
			t.Errorf("%q is not proposed for refusal: %+v", text, got)
		}
		if len(got.Details) != 0 || got.Relevance > 0.1 || got.SetAside {
			t.Errorf("%q: details %v, relevance %v, set aside %v", text, got.Details, got.Relevance, got.SetAside)
		}
	}
}

func TestAHostileAsideDoesNotCancelADanger(t *testing.T) {
	for _, text := range []string{
		"I can't stand these foreigners and their mosque, but somebody poured petrol at its back door last night and left the canister.",
		"Someone painted 'we will burn you' on the synagogue door and threw stones at the children.",
		"At the protest yesterday a driver hit three people with his car and drove off.",
		"教堂的后门被铁链锁着，礼拜的时候有两百人在里面，出不来",
		"Un periodista de mi barrio recibe amenazas de muerte por sus artículos, ayer le quemaron el coche.",
		"Ces migrants m'énervent, mais hier leur patron leur a pris les passeports et les enferme la nuit.",
	} {
		if got := screen(text); got.Refuse || got.SetAside || got.Relevance < 0.5 {
			t.Errorf("%q: refuse %v, set aside %v, relevance %v", text, got.Refuse, got.SetAside, got.Relevance)
		}
	}
}

func TestWhatNobodyNeedsToActOnIsSetAside(t *testing.T) {
	for _, text := range []string{
		"Best SEO services! 50% off, order now at rank-up.example, free trial",
		"test test please ignore, just testing the form",
		"Thank you so much, your staff were brilliant",
		"承接各类代开发票，优惠八折，加微信 fapiao_9988",
		"asdkjh qwrtz lkjhg",
		"¡Oferta! Préstamo rápido sin aval, entra en dinero-ya.example",
	} {
		if got := screen(text); !got.SetAside || got.Urgency.Rank() <= heed.High.Rank() {
			t.Errorf("%q: set aside %v, relevance %v, urgency %s, %+v", text, got.SetAside, got.Relevance, got.Urgency, got.Reasons)
		}
	}
}

func TestNothingPressingIsEverSetAside(t *testing.T) {
	for _, text := range []string{
		"Thank you for nothing. The house is on fire and people are trapped inside, please ignore the test.",
		"Special offer: a bomb under the bridge. test test",
	} {
		if got := screen(text); got.SetAside && got.Urgency.Rank() <= heed.High.Rank() {
			t.Errorf("%q is set aside at urgency %s", text, got.Urgency)
		}
	}
}

func TestAnUnknownLanguageIsNeverSetAsideNorRefused(t *testing.T) {
	for _, text := range []string{
		"Olen huolissani naapurin rakennuksen kunnosta, siellä on outo haju.",
		"Tôi muốn báo cáo về một nhà máy xả nước thải ra sông.",
		"ಕಟ್ಟಡದ ಬಳಿ ಏನೋ ಸರಿಯಿಲ್ಲ",
	} {
		if got := screen(text); got.SetAside || got.Refuse {
			t.Errorf("%q: set aside %v, refuse %v", text, got.SetAside, got.Refuse)
		}
	}
}

func TestReasonsPointIntoTheText(t *testing.T) {
	text := "ＨＥＬＰ\u200b: the café is on fi\u200bre — call +44 20 7946 0000 or write to a.b@example.org"
	got := screen(text)
	for _, r := range got.Reasons {
		if r.End > 0 && text[r.Start:r.End] != r.Phrase {
			t.Errorf("reason %+v is not at its place", r)
		}
	}
	if len(got.Details) != 2 {
		t.Errorf("details %+v", got.Details)
	}
	for _, d := range got.Details {
		if text[d.Start:d.End] != d.Text {
			t.Errorf("detail %+v is not at its place", d)
		}
	}
}

func TestACategoryThatTheLineLacksBecomesOther(t *testing.T) {
	s := New(Config{Categories: []string{"hazard", "other", "none"}})
	if got := s.Screen(Input{Text: "They sell cocaine in the park every night"}); got.Category != "other" {
		t.Errorf("category %s", got.Category)
	}
}

// hostile are texts made to cost time or to break spans.
func hostile() map[string]string {
	return map[string]string{
		"one letter":     strings.Repeat("a", 200_000),
		"one bracket":    strings.Repeat("(", 200_000),
		"digits":         strings.Repeat("1", 200_000),
		"spaced digits":  strings.Repeat("1 ", 100_000),
		"dots":           strings.Repeat("a.", 100_000),
		"colons":         strings.Repeat("a:", 100_000),
		"at signs":       strings.Repeat("a@", 100_000),
		"addresses":      strings.Repeat("https://a.example/b ", 10_000),
		"bare addresses": strings.Repeat("a1.example,", 20_000),
		"one word":       strings.Repeat("fire ", 40_000),
		"gaps":           strings.Repeat("door locked ", 20_000),
		"han":            strings.Repeat("着火", 50_000),
		"drawn out":      strings.Repeat("heeeeelp ", 22_000),
		"han numbers":    strings.Repeat("一", 60_000),
		"days":           strings.Repeat("1 and ", 30_000) + "May",
		"capitals":       strings.Repeat("Aa ", 60_000) + "Street",
		"controls":       strings.Repeat("\u202e\u200b", 50_000) + "fire",
		"marks":          "a" + strings.Repeat("\u0301", 100_000),
		"invalid":        strings.Repeat("\xff\xc3", 100_000),
		"currency":       strings.Repeat("5 euro ", 30_000),
		"collisions":     strings.Repeat(colliding(), 20),
	}
}

// colliding are words whose signs all want the same place in the table of a text's signs. The learner's set has a bit for each
// bucket and the language's counter reads 480 bytes, so that collisions cost them nothing.
func colliding() string {
	var b strings.Builder
	for i, n := 0, 0; n < signsMost; i++ {
		word := strconv.FormatInt(int64(i)+36*36*36*36*36, 36)
		word = strings.Map(func(r rune) rune {
			if r <= '9' {
				return 'а' + r - '0' // in Cyrillic letters, for a word with digits is a number
			}
			return r
		}, word)
		if hash := stir(uint64(wordHash(stemOf(word, 6)))<<16 ^ 'w'); hash%(2<<hashesBits) == 0 {
			b.WriteString(word + " ")
			n++
		}
	}
	return b.String()
}

// Four times the text may take eight times the processor, but not sixteen, as it would in quadratic time. The least of a few tries
// counts: what else the machine does lengthens the others.
func TestHostileTextsAreReadInLinearTime(t *testing.T) {
	s := New(Config{})
	for name, text := range hostile() {
		quarter := text[:len(text)/4]
		short, long := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
		for try := 0; try < 6 && (try < 2 || long > 8*short); try++ {
			began := processorTime(t)
			s.Assess(Input{Text: quarter})
			short = min(short, processorTime(t)-began)
			began = processorTime(t)
			got, f := s.Assess(Input{Text: text})
			long = min(long, processorTime(t)-began)
			MarksOf(plainHash{}, f)
			checkSpans(t, text, got)
		}
		if long > 8*short+2*time.Millisecond {
			t.Errorf("%s took %v, a quarter of it %v", name, long, short)
		}
	}
}

// plainHash stands in for a line's matching key.
type plainHash struct{}

func (plainHash) Hash64(b []byte) uint64 { return sipKey{3, 4}.hash(b) }

func checkSpans(t *testing.T, text string, s heed.Screening) {
	t.Helper()
	last := 0
	for _, d := range s.Details {
		if d.Start < last || d.End <= d.Start || d.End > len(text) || text[d.Start:d.End] != d.Text {
			t.Fatalf("detail %+v", d)
		}
		if utf8.ValidString(text) && !utf8.ValidString(d.Text) {
			t.Fatalf("detail %+v splits a character", d)
		}
		last = d.End
	}
	for _, r := range s.Reasons {
		if r.End > len(text) || r.Start > r.End || text[r.Start:r.End] != r.Phrase {
			t.Fatalf("reason %+v", r)
		}
		if !canBeSaid(r.Rule) || r.Weight < 0 || math.IsNaN(r.Weight) || math.IsInf(r.Weight, 0) {
			t.Fatalf("of no rule, or without a weight: %+v", r)
		}
	}
	if s.Refuse && len(s.Details) > 0 || s.SetAside && s.Urgency.Rank() <= heed.High.Rank() || s.Relevance < 0 || s.Relevance > 1 {
		t.Fatalf("a screening that contradicts itself: %+v", s)
	}
}

func FuzzScreen(f *testing.F) {
	for _, text := range []string{"", "fire at 5 Park Lane, call 020 7946 0000", "着火了 12万元", "سلام ١٢٣", "a@b.example 10.0.0.1 ::1", "\xff\u202e", "! helppp\x00\x00\x00a", "!救命啊啊啊\x00\x00\x00a"} {
		f.Add(text)
	}
	s := New(Config{})
	f.Fuzz(func(t *testing.T, text string) {
		checkSpans(t, text, s.Screen(Input{Text: text}))
		f2 := s.Features(text)
		if marks := MarksOf(plainHash{}, f2); len(marks.Asked()) > 130 || len(marks.Kept(func(int64) int { return 0 })) > 26 {
			t.Fatal("too many marks")
		}
		SearchTokens(text)
		twice := "Passed on to me: " + text
		copied := heed.Screening{}
		Place(&copied, s.Features(twice), []Found{{ID: "a", Lead: "a", Features: f2}})
		checkSpans(t, twice, copied)
	})
}

func BenchmarkScreen(b *testing.B) {
	text := strings.Repeat("On Friday night a white van, KX41 RVO, was left outside the school on Mill Lane with two gas bottles in it. ", 5)
	s := New(Config{})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.Screen(Input{Text: text})
	}
}
