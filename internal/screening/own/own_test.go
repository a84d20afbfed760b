package own

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/training"
)

// given are sentences in which the writer gives themself away, with the words that show it; notGiven are some that
// look like it and don't.
var given = map[string]map[string]string{
	"en": {
		"The lift is broken. My name is Rosa Example and I saw it.": "My name is Rosa Example",
		"I'm Rosa Example from the second floor.":                   "I'm Rosa Example",
		"Call me at 020 7946 0123 after six.":                       "Call me at 020 7946 0123",
		"my mobile number is 07700 900123.":                         "my mobile number is 07700 900123",
		"My email: rosa@mail.example":                               "My email: rosa@mail.example",
		"020 7946 0123 is my number.":                               "020 7946 0123 is my number",
		"I live at 12 Mill Lane, next door.":                        "I live at 12 Mill Lane, next door",
		"My address is Flat 3, Harbour House.":                      "My address is Flat 3, Harbour House",
	},
	"es": {
		"Buenos días, me llamo Rosa Ejemplo.":        "me llamo Rosa Ejemplo",
		"Mi nombre es Juan y trabajo allí.":          "Mi nombre es Juan",
		"Mi teléfono es 612 345 678.":                "Mi teléfono es 612 345 678",
		"Llámenme al 612 345 678 por la tarde.":      "Llámenme al 612 345 678",
		"mi correo electrónico es rosa@mail.example": "mi correo electrónico es rosa@mail.example",
		"Vivo en la calle Mayor 5.":                  "Vivo en la calle Mayor 5",
	},
	"fr": {
		"Je m’appelle Rosa Dupont.":                "Je m’appelle Rosa Dupont",
		"je suis Rosa Dupont, sa voisine":          "je suis Rosa Dupont",
		"Mon numéro est le 01 99 00 12 34.":        "Mon numéro est le 01 99 00 12 34",
		"Vous pouvez me joindre au 06 39 98 12 34": "me joindre au 06 39 98 12 34",
		"mon adresse mail est rosa@mail.example":   "mon adresse mail est rosa@mail.example",
		"J'habite au 12 rue des Lilas.":            "J'habite au 12 rue des Lilas",
	},
	"pt": {
		"Chamo-me Rosa Exemplo.":         "Chamo-me Rosa Exemplo",
		"O meu nome é Rosa.":             "O meu nome é Rosa",
		"O meu telemóvel é 912 345 678.": "O meu telemóvel é 912 345 678",
		"Liguem-me para o 912 345 678":   "Liguem-me para o 912 345 678",
		"meu e-mail é rosa@mail.example": "meu e-mail é rosa@mail.example",
		"Moro na rua das Flores 12.":     "Moro na rua das Flores 12",
	},
	"ru": {
		"Меня зовут Роза Петрова.":                 "Меня зовут Роза Петрова",
		"Моя фамилия Петрова.":                     "Моя фамилия Петрова",
		"Мой номер телефона: +7 912 345-67-89":     "Мой номер телефона: +7 912 345-67-89",
		"Позвоните мне по номеру 8 912 345 67 89.": "Позвоните мне по номеру 8 912 345 67 89",
		"моя почта rosa@mail.example":              "моя почта rosa@mail.example",
		"Я живу по адресу улица Садовая, дом 12":   "Я живу по адресу улица Садовая, дом 12",
	},
	"ar": {
		"اسمي روزا محمد.":                    "اسمي روزا محمد",
		"السلام عليكم، أنا اسمي أحمد.":       "أنا اسمي أحمد",
		"رقم هاتفي هو 0501234567.":           "رقم هاتفي هو 0501234567",
		"اتصلوا بي على الرقم 0501234567":     "اتصلوا بي على الرقم 0501234567",
		"بريدي الإلكتروني rosa@mail.example": "بريدي الإلكتروني rosa@mail.example",
		"أسكن في شارع النصر 12.":             "أسكن في شارع النصر 12",
	},
	"zh-Hans": {
		"我叫张小明，住在附近。":            "我叫张小明",
		"我的名字是李四。":               "我的名字是李四",
		"我的电话是13800001111。":      "我的电话是13800001111",
		"请联系我：13800001111":       "联系我：13800001111",
		"我的邮箱是rosa@mail.example": "我的邮箱是rosa@mail.example",
		"13800001111是我的手机号。":     "13800001111是我的手机号",
		"我住在幸福路12号。":             "我住在幸福路12号",
	},
}

var notGiven = map[string][]string{
	"en": {
		"His name is John Smith and his number is 020 7946 0123.", "My boss's number is 020 7946 0123.", "My neighbour is called Rosa Example.",
		"They called me from 020 7946 0123 and call me every day.", "My phone showed a call from 020 7946 0123.", "I am Muslim and they shout at me.",
		"I live in fear since 3 May 2026.", "I live near the harbour.", "He lives at 12 Mill Lane.", "My name is not important.", "I don't want to give my name.", "Write to complaints@shop.example.",
	},
	"es": {
		"Se llama Juan Pérez y su número es 612 345 678.", "Me llamó Juan Pérez ayer.", "Me llamó la atención el olor.", "Soy vecina del barrio.", "Él vive en la calle Mayor 5.",
		"Mi jefe tiene el número 612 345 678.", "No quiero dar mi nombre.",
	},
	"fr": {
		"Il s’appelle Jean Dupont.", "Il m’appelle du 01 99 00 12 34.", "Je suis très inquiète.", "Son numéro est le 01 99 00 12 34.", "Il habite au 12 rue des Lilas.",
		"Mon voisin a reçu un mail de faux@mail.example.", "Je ne veux pas donner mon nom.",
	},
	"pt": {
		"Ele chama-se João Silva.", "O número dele é 912 345 678.", "Sou enfermeira no hospital.", "Ele mora na rua das Flores 12.", "O meu chefe liga do 912 345 678.", "Não quero dar o meu nome.",
	},
	"ru": {
		"Его зовут Иван Петров.", "Меня зовут на собрание.", "Мне звонили с номера +7 912 345-67-89.", "Он живёт по адресу улица Садовая, дом 12.", "Мой начальник Иван Петров берёт взятки.", "Не хочу называть своё имя.",
	},
	"ar": {
		"اسمه أحمد محمد.", "لا أريد ذكر اسمي في البلاغ.", "رقمه هو 0501234567.", "اتصل بي من الرقم 0501234567 وهددني.", "هو يسكن في شارع النصر 12.", "المدير يأخذ الرشوة.",
	},
	"zh-Hans": {
		"他叫张小明，电话是13800001111。", "我叫了警察。", "我叫王经理过来看。", "有人用13800001111打给我。", "我的领导电话是13800001111。", "他住在幸福路12号。", "我住在附近。", "我不想说我的名字。",
	},
}

func TestAWriterWhoNamesThemselfIsShownTheWords(t *testing.T) {
	for lang, cases := range given {
		for text, want := range cases {
			if got := strings.Join(Words(text, lang), "|"); got != want {
				t.Errorf("%s: %q gave %q", lang, text, got)
			}
			if got := Words(text, "en"); len(got) != 1 {
				t.Errorf("%s, on an English page: %q gave %q", lang, text, got)
			}
		}
	}
}

func TestAWriterWhoNamesOthersIsNotWarned(t *testing.T) {
	for lang, cases := range notGiven {
		for _, text := range cases {
			if got := Words(text, lang); got != nil {
				t.Errorf("%s: %q gave %q", lang, text, got)
			}
		}
	}
}

func TestWhoseANumberIsIsToldApartInTenLanguages(t *testing.T) {
	f, err := os.Open("testdata/whose.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var c struct{ Lang, Text, Own string } // Own is "" where nothing is the writer's
		if err := d.Decode(&c); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range Find(c.Text, c.Lang) {
			got = append(got, c.Text[p.Start:p.End])
		}
		if s := strings.Join(got, "|"); s != c.Own {
			t.Errorf("%s: %q gave %q, not %q", c.Lang, c.Text, s, c.Own)
		}
	}
}

func TestAFloodOfPhrasesGivesAFew(t *testing.T) {
	if got := Words(strings.Repeat("My name is Rosa Example. ", 5000), "en"); len(got) != atMost {
		t.Errorf("%d pieces", len(got))
	}
	if got := Words(strings.Repeat("my i ", 50_000), "en"); got != nil {
		t.Errorf("%d pieces", len(got))
	}
}

func FuzzWhatIsShownStandsInTheText(f *testing.F) {
	for lang, cases := range given {
		for text := range cases {
			f.Add(text, lang)
		}
	}
	f.Add("my number is \xff 0\u0301020 7946 0123 me llamo\u200b Ａ", "fr")
	f.Fuzz(func(t *testing.T, text, lang string) {
		for _, w := range Words(text, lang) {
			if w == "" || !strings.Contains(text, w) || utf8.ValidString(text) && !utf8.ValidString(w) {
				t.Fatalf("%q of %q", w, text)
			}
		}
	})
}

func TestPhrasesThatBeginWithACommonWordAreFound(t *testing.T) {
	for _, text := range []string{
		"I am called Mary Smith.", "I can be reached at +44 20 7946 0958.", "I live at 12 Mill Street.", "I am living at 12 Mill Street.", "I reside at 12 Mill Street.",
		"I stay at 12 Mill Street.", "E-mail me at mary.smith@example.org.", "Me llamo María López.", "Me chamo Maria Lopes.", "Vous pouvez me joindre au 01 23 45 67 89.",
		"Vous pouvez me contacter au 01 23 45 67 89.", "Me appeler au 01 23 45 67 89.", "Me rappeler au 01 23 45 67 89.", "Me ligue no 912 345 678.", "Me contacte pelo 912 345 678.",
		"O meu nome completo é Maria Lopes.", "O meu telefone é 912 345 678.", "A minha morada é Rua das Flores 12.", "A minha conta é 912 345 678.",
	} {
		if Find(text, "en") == nil {
			t.Errorf("%q", text)
		}
	}
}

func TestNoPhraseIsLostToWhatACommonWordMustBeFollowedBy(t *testing.T) {
	reports, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	for _, report := range reports[:min(len(reports), 3000)] {
		r := &reader{t: fold.New(report.Text), language: report.Language}
		r.s = r.t.Folded
		for i, word := range wordsOf(r) {
			if starts[word] && !r.goesOn(word, i+len(word)) && r.phraseAt(i) > 0 {
				t.Errorf("%q", r.s[i:])
			}
		}
	}
}

// wordsOf gives the words of a text by their places.
func wordsOf(r *reader) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := 0; i < len(r.s); {
			word := r.wordAt(i)
			if word != "" && !yield(i, word) {
				return
			}
			_, size := utf8.DecodeRuneInString(r.s[i:])
			i += max(size, len(word))
		}
	}
}
