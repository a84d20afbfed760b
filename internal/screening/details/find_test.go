package details

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/names"
)

func TestDetailsAreFoundByTypeAndSpan(t *testing.T) {
	for text, want := range map[string]string{
		"Call 020 7946 0123 or +33 1 99 00 12 34.":                       "phone=020 7946 0123|phone=+33 1 99 00 12 34",
		"我的电话是13800001111，微信 zhang_88":                                   "phone=13800001111|account=zhang_88",
		"Write to a.b+c@mail.example, not to @someone_9":                 "email=a.b+c@mail.example|account=@someone_9",
		"see shop-x.example/a?b=1, or (https://y.example/z).":            "url=shop-x.example/a?b=1|url=https://y.example/z",
		"我看了fake-bank.example/登录":                                        "url=fake-bank.example/",
		"It stopped.It was late":                                         "",
		"from 192.0.2.7 and 2001:db8::7 at 12:30:45":                     "ip=192.0.2.7|ip=2001:db8::7|time=12:30:45",
		"I paid $1,200.50 and 3 million euros and six hundred pounds":    "money=$1,200.50|money=3 million euros|money=six hundred pounds",
		"被骗了12万元，又交了三千块":                                                 "money=12万元|money=三千块",
		"отправила 45 000 руб. и ещё двести долларов":                    "money=45 000 руб.|money=двести долларов",
		"دفعت 300 دولار":                                                 "money=300 دولار",
		"IBAN GB82 WEST 1234 5698 7654 32 please":                        "account=GB82 WEST 1234 5698 7654 32",
		"card 4111 1111 1111 1111":                                       "account=4111 1111 1111 1111",
		"wallet 0x52908400098527886E0F7030069857D2E4169EE7":              "crypto=0x52908400098527886E0F7030069857D2E4169EE7",
		"a white van KX41 RVO, lot B-7781":                               "plate=KX41 RVO|id-number=B-7781",
		"车牌京A12345的货车":                                                   "plate=京A12345",
		"at 48.9020, -20.1155 on 3 October 2026":                         "coordinates=48.9020, -20.1155|time=3 October 2026",
		"昨晚和10月5日下午三点":                                                   "time=昨晚|time=10月5日下午三点",
		"hier soir, lundi 12 octobre":                                    "time=hier soir, lundi 12 octobre",
		"Mr Ashford lives in Mill Lane":                                  "person=Ashford|place=Mill Lane",
		"my number is oh seven seven double oh nine oh oh one two three": "phone=oh seven seven double oh nine oh oh one two three",
		"我的电话是一三八零零零零幺幺幺幺":                                               "phone=一三八零零零零幺幺幺幺",
		"we had one two three four people in there":                      "",
		"номер восемь девятьсот двенадцать триста сорок пять шестьдесят семь": "phone=восемь девятьсот двенадцать триста сорок пять шестьдесят семь",
		"It is the 16th floor, come by the 16th":                          "time=16th",
		"rmb 10 usd 20 or SEK 30, dollars 22.5 million":                   "money=rmb 10|money=usd 20|money=SEK 30|money=dollars 22.5 million",
		"thirteen dollars forty five":                                     "money=thirteen dollars forty five",
		"All 70 of us, and ALL 5 are wrong":                               "",
		"the second wallet is bc1qx6ag2jf7u0t5lw9yd3rk8ce4mz2vn0hqp5s7ld": "crypto=bc1qx6ag2jf7u0t5lw9yd3rk8ce4mz2vn0hqp5s7ld",
		"At 2000-04-16 11:34:35, SSN: 054-28-6917":                        "time=2000-04-16 11:34:35|id-number=054-28-6917",
		"(45)+(31)-278394":                                                "",
		"My phone number is(+45)12-34-56-78.":                             "phone=(+45)12-34-56-78",
		"领队孙美兰把我踢了，一个叫豹哥的人":                                               "person=孙美兰|person=豹哥",
		"先週の金曜日の午後2時半ごろ、車は品川 300 あ 12-34":                                 "time=先週の金曜日の午後2時半|plate=品川 300 あ 12-34",
		"昨日の電話は 03-5550-1234 です":                                          "time=昨日|phone=03-5550-1234",
		"the car is DL 3C AB 1234":                                        "plate=DL 3C AB 1234",
		"hier ligne 12 sent l'alcool":                                     "time=hier",
		"hier soir, le 2/10":                                              "time=hier soir, le 2/10",
		"Auto B-XY 1234, Kennzeichen bekannt, Rückruf 030 23125 123":      "plate=B-XY 1234|phone=030 23125 123",
		"２０２６－１０－０５ に":                                                    "time=２０２６－１０－０５",
	} {
		lang := "en"
		for _, r := range text {
			switch {
			case r >= 0x3040 && r < 0x3100:
				lang = "ja"
			case r >= 0x4E00 && r < 0xA000 && lang == "en":
				lang = "zh-Hans"
			case r >= 0x400 && r < 0x500:
				lang = "ru"
			case r >= 0x600 && r < 0x700:
				lang = "ar"
			}
		}
		if strings.HasPrefix(text, "hier") {
			lang = "fr"
		}
		var got []string
		for _, d := range Find(fold.New(text), Context{Language: lang}) {
			if text[d.Start:d.End] != d.Text {
				t.Errorf("%q: %+v is not at its place", text, d)
			}
			got = append(got, d.Type+"="+d.Text)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q gave %q, not %q", text, s, want)
		}
	}
}

// The rules propose; which of it is a name the tagger says.
func TestWhatStandsBesideAWordIsProposedAsAName(t *testing.T) {
	for text, want := range map[string]string{
		"zh 临澄市第三医院和悦苑3号楼电梯":                            "place=临澄市第三医院|place=和悦苑3号楼",
		"es por la calle Tejedores 5 hombres con palos": "place=calle Tejedores",
		"ar نسكن في شارع الملك فيصل منذ عام":            "place=شارع الملك فيصل",
		"en She lives at flat 3, Elm Court now":         "place=flat 3, Elm Court",
	} {
		lang, text, _ := strings.Cut(text, " ")
		var got []string
		for _, n := range Hints(fold.New(text), lang) {
			got = append(got, n.Kind+"="+text[n.Start:n.End])
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q proposes %q, not %q", text, s, want)
		}
	}
}

func TestThePersonIsNamedWithoutAnEnglishGenitive(t *testing.T) {
	for _, text := range []string{"I know that Hamdi's brother Karim took it home.", "I know that Hamdi’s brother Karim took it home."} {
		var found []string
		for _, d := range Find(fold.New(text), Context{Language: "en"}) {
			found = append(found, d.Type+"="+d.Text)
		}
		if got := strings.Join(found, "|"); got != "person=Hamdi|person=Karim" {
			t.Errorf("%q: found %q", text, got)
		}
	}
}

func TestAnOrganisationEndsAtItsLegalForm(t *testing.T) {
	for _, c := range [][2]string{
		{"<Brandl Bau> GmbH", "Brandl Bau GmbH"}, {"<Brandl Bau GmbH Berlin>", "Brandl Bau GmbH"}, {"<Brandl GmbH & Co. KG>", "Brandl GmbH & Co. KG"},
		{"<Brandl GmbH> & Co. KG", "Brandl GmbH & Co. KG"}, {"<Brandl GmbH &> Co. KG", "Brandl GmbH & Co. KG"},
		{"<Orrin> Limitedly", "Orrin"}, {"<鼎坤建筑>有限公司欠薪", "鼎坤建筑有限公司"}, {"<鼎坤建筑有限公司的老板>", "鼎坤建筑有限公司"}, {"<Orrin & Sons>", "Orrin & Sons"},
	} {
		start, end := strings.Index(c[0], "<"), strings.Index(c[0], ">")-1
		text := strings.NewReplacer("<", "", ">", "").Replace(c[0])
		if got := text[start:legalEnd(text, start, end)]; got != c[1] {
			t.Errorf("%q gave %q, not %q", c[0], got, c[1])
		}
	}
}

// A byte that is no character moves nothing that follows it.
func TestNamesOfALongTextStandWhereTheyAreFound(t *testing.T) {
	text := "\xff Mr. Abel Fenwick came. " + strings.Repeat("and so on, ", longestNamed/10)
	want := names.Name{Kind: "person", Start: strings.Index(text, "Mr."), End: strings.Index(text, " came")}
	if got := Hints(fold.New(text), "en"); len(got) != 1 || got[0] != want {
		t.Errorf("%v, not %v", got, want)
	}
}

// What stands in an address beside the street belongs to it; what is counted behind a street doesn't. An account number that fails its check
// is one nevertheless, its country too.
func TestAnAddressIsFoundWhole(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"en", "We're at Flat 6, 19 Corder Street. I feel sick", "Flat 6, 19 Corder Street"},
		{"en", "It was 4, Mill Lane I think", "4, Mill Lane"},
		{"fr", "Ça sent le gaz au 12 rue des Tanneurs, venez", "12 rue des Tanneurs"},
		{"fr", "au 12, rue des Tanneurs", "12, rue des Tanneurs"},
		{"es", "vive en la calle Tejedores 5.", "calle Tejedores 5"},
		{"pt", "é na travessa Boa Hora 77, rápido", "travessa Boa Hora 77"},
		{"es", "en la calle Tejedores, 3,5 kilos", "calle Tejedores"},
		{"zh", "我邻居在朝阳区幸福路12号打他老婆", "朝阳区幸福路12号"},
	} {
		found := Find(fold.New(c.text), Context{Language: c.lang})
		if !slices.ContainsFunc(found, func(d heed.Detail) bool { return d.Type == "place" && d.Text == c.want }) {
			t.Errorf("%q: %v, and not the place %q", c.text, found, c.want)
		}
	}
	text := "Cuenta ES12 0000 4444 2100 0099 1234, a nombre de otro"
	found := Find(fold.New(text), Context{Language: "es"})
	if len(found) != 1 || found[0].Type != "account" || found[0].Text != "ES12 0000 4444 2100 0099 1234" {
		t.Errorf("%q: %v", text, found)
	}
}

func TestTheWordListIsReadable(t *testing.T) {
	if len(vocabularies()) < 10 {
		t.Errorf("%d languages have words of their own", len(vocabularies()))
	}
	for _, read := range vocabularies() {
		read() // panics where it isn't
	}
}

func TestPlatesOfManyCountriesAreFound(t *testing.T) {
	countries := map[string]bool{"JP": true, "KR": true} // read by code
	for _, shape := range plateShapes() {
		countries[shape.country] = true
	}
	if len(countries) < 20 {
		t.Errorf("%d countries", len(countries))
	}
	for text, want := range map[string]string{
		"a white van KX41 RVO":                "KX41 RVO",
		"the driver of B-AX 4412":             "B-AX 4412",
		"un fourgon AB-123-CD":                "AB-123-CD",
		"coche con matrícula 1234 BCD":        "1234 BCD",
		"carro de placa ABC1D23":              "ABC1D23",
		"carro de placa ABC-1234":             "ABC-1234",
		"Машина А123ВС77":                     "А123ВС77",
		"车牌京A12345":                           "京A12345",
		"面包车沪B·D12345":                        "沪B·D12345",
		"品川 500 さ 12-34 の車":                   "品川 500 さ 12-34",
		"흰색 차 12가 3456":                       "12가 3456",
		"gaadi MH 12 AB 1234":                 "MH 12 AB 1234",
		"the taxi's plate was 12-D-12345":     "12-D-12345",
		"auto targa AB 123 CD":                "AB 123 CD",
		"the car, plate 9-ABC-123":            "9-ABC-123",
		"carro matrícula AA-12-BC":            "AA-12-BC",
		"kenteken 12-ABC-3":                   "12-ABC-3",
		"plaka 34 AB 1234":                    "34 AB 1234",
		"the car's plate was KAA 123B":        "KAA 123B",
		"the car, plate ZH 123456":            "ZH 123456",
		"samochód, tablice plate WA 12345":    "WA 12345",
		"the car's plate was ABC 12D":         "ABC 12D",
		"a blue van, AA 1234 BB":              "AA 1234 BB",
		"meet at ZH 123456":                   "",
		"order WA 12345 never came":           "",
		"room ABC 12D":                        "",
		"the lorry had the plate ABC-123-456": "",
		"flat 12, room KX41":                  "",
		"in 2026 the car broke down":          "",
	} {
		var got []string
		for _, lang := range []string{"en"} {
			for _, d := range Find(fold.New(text), Context{Language: lang}) {
				if d.Type == "plate" {
					got = append(got, d.Text)
				}
			}
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q gave %q, not %q", text, s, want)
		}
	}
}

func FuzzDetailsStandInTheTextApartAndInOrder(f *testing.F) {
	for _, text := range hundredWords {
		f.Add(text, "en")
		f.Add(text, "zh-Hans")
	}
	f.Add("１２ｋｇ㎏ﬁﬃß İ (+45)12 品川500さ12-34 12가 3456 \xff 4천 820만 달러\\100 ½ a@b.c 0x12 ::1 1.1.1.1", "ja")
	f.Fuzz(func(t *testing.T, text, lang string) {
		end := 0
		for _, d := range Find(fold.New(text), Context{Language: lang}) {
			if d.Start < end || d.End <= d.Start || d.End > len(text) || text[d.Start:d.End] != d.Text {
				t.Fatalf("%+v in %q", d, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(d.Text) {
				t.Fatalf("%q of %q is cut inside a character", d.Text, text)
			}
			end = d.End
		}
	})
}
