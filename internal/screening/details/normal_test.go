package details

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

func TestEachDetailHasOneNormalForm(t *testing.T) {
	at := time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct{ kind, text, lang, want string }{
		{"phone", "020 7946 0148", "en-GB", "+442079460148"},
		{"phone", "+44 (0)20 7946 0148", "en", "+442079460148"},
		{"phone", "020 7946 0148", "zh-Hans-GB", "+442079460148"},
		{"phone", "138 0000 1111", "zh-Hans", "+8613800001111"},
		{"phone", "一三八零零零零幺幺幺幺", "zh-Hans", "+8613800001111"},
		{"phone", "oh seven seven double oh nine oh oh one two three", "en-GB", "07700900123"},
		{"phone", "555-0142", "es", "5550142"},
		{"email", "A.B@Mail.example", "en", "a.b@mail.example"},
		{"url", "HTTP://Shop.Example:80/a/#top", "en", "https://shop.example/a"},
		{"url", "shop.example/a", "en", "https://shop.example/a"},
		{"url", "hxxp://shop.example", "en", "https://shop.example"},
		{"account", "GB82 WEST 1234 5698 7654 32", "en", "GB82WEST12345698765432"},
		{"account", "4111-1111-1111-1111", "en", "4111111111111111"},
		{"account", "@Nmo_Fast", "ar", "nmo_fast"},
		{"plate", "kx41 rvo", "en", "KX41RVO"},
		{"plate", "京A·12345", "zh-Hans", "京A12345"},
		{"money", "$1,200.50", "en", "1200.50 USD"},
		{"money", "3,5 Millionen Euro", "de", "3500000.00 EUR"},
		{"money", "12万元", "zh-Hans", "120000.00 CNY"},
		{"money", "45 000 руб.", "ru", "45000.00 RUB"},
		{"money", "CHF 300", "de", "300.00 CHF"},
		{"coordinates", "48.9020, -20.1155", "en", "48.90200,-20.11550"},
		{"coordinates", "48.9020 N 20.1155 W", "en", "48.90200,-20.11550"},
		{"coordinates", "51°30'26\"N 0°7'39\"W", "en", "51.50722,-0.12750"},
		{"id-number", "acc-2026/0871", "en", "ACC20260871"},
		{"ip", "2001:DB8:0::7", "en", "2001:db8::7"},
		{"crypto", "BC1QX6AG2JF7U0T5LW9YD3RK8CE4MZ2VN0HQP5S7LD", "en", "bc1qx6ag2jf7u0t5lw9yd3rk8ce4mz2vn0hqp5s7ld"},
		{"time", "3 October 2026", "en", "2026-10-03"},
		{"time", "10月5日下午三点半", "zh-Hans", "2026-10-05T15:30"},
		{"time", "5.10.2026", "de", "2026-10-05"},
		{"time", "2026-10-05", "fr", "2026-10-05"},
		{"time", "yesterday at 2pm", "en", "2026-10-13T14:00"},
		{"time", "4 pm last night", "en", "2026-10-13T16:00"},
		{"time", "tonight at 4pm", "en", "2026-10-14T16:00"},
		{"time", "hoje às 6h20", "pt", "2026-10-14T06:20"},
		{"time", "Сегодня 7:42", "ru", "2026-10-14T07:42"},
		{"time", "आज रात 2 बजे", "hi", "2026-10-14T02:00"},
		{"time", "hier soir", "fr", "2026-10-13"},
		{"time", "Вчера", "ru", "2026-10-13"},
		{"time", "أمس", "ar", "2026-10-13"},
		{"time", "10月5日下午3点20分", "zh-Hans", "2026-10-05T15:20"},
		{"time", "14 Uhr 30", "de", "T14:30"},
		{"time", "lunes", "es", "2026-10-12"},
		{"time", "周三中午", "zh-Hans", "2026-10-07"},
		{"time", "昨日", "ja", "2026-10-13"},
		{"time", "昨日の午後3時半", "ja", "2026-10-13T15:30"},
		{"time", "10月5日 14時30分", "ja", "2026-10-05T14:30"},
		{"time", "月曜日の夜8時", "ja", "2026-10-12T20:00"},
		{"time", "今朝9時ごろ", "ja", "2026-10-14T09:00"},
		{"time", "कल", "hi", "कल"}, // yesterday or tomorrow
		{"time", "आज शाम 5 बजे", "hi", "2026-10-14T17:00"},
		{"time", "5 मार्च 2026", "hi", "2026-03-05"},
		{"time", "सोमवार रात 9:30", "hi", "2026-10-12T21:30"},
		{"time", "१५ अक्टूबर २०२६", "hi", "2026-10-15"},
		{"time", "subah 7 baje", "hi", "T07:00"},
		{"money", "0.001 BTC", "en", "0.00100000 BTC"},
		{"time", "martes 5 de mayo", "es", "2026-05-05"},
		{"time", "14:30", "en", "T14:30"},
		{"time", "day before yesterday", "en", "2026-10-12"},
		{"time", "antes de ayer", "es", "2026-10-12"},
		{"time", "anteanoche", "es", "2026-10-12"},
		{"time", "ayer por la mañana", "es", "2026-10-13"},
		{"time", "8:15 de la mañana", "es", "T08:15"},
		{"time", "martes por la mañana", "es", "2026-10-13"},
		{"time", "heute Morgen um 7 Uhr", "de", "2026-10-14T07:00"},
		{"time", "Montag Morgen", "de", "2026-10-12"},
		{"time", "morgen 17 Uhr", "de", "2026-10-15T17:00"},
		{"time", "أول أمس", "ar", "2026-10-12"},
		{"time", "大前天", "zh-Hans", "2026-10-11"},
		{"time", "three days ago", "en", "2026-10-11"},
		{"time", "hace dos días", "es", "2026-10-12"},
		{"time", "il y a trois jours", "fr", "2026-10-11"},
		{"time", "три дня назад", "ru", "2026-10-11"},
		{"time", "قبل يومين", "ar", "2026-10-12"},
		{"time", "三天前", "zh-Hans", "2026-10-11"},
		{"time", "2日前", "ja", "2026-10-12"},
		{"time", "1 March to 3 April 2026", "en", "2026-03-01"},
		{"time", "1 mai au 3 mars", "fr", "2026-05-01"},
		{"time", "2 weeks and 3 days ago", "en", "2026-09-30"},
		{"time", "3 days ago", "en", "2026-10-11"},
		{"time", "15 ago 2026", "es", "2026-08-15"},
		{"time", "15 de dez", "pt", "2025-12-15"},
		{"time", "Sept 5", "en", "2026-09-05"},
		{"time", "hier après-midi à 15h", "fr", "2026-10-13T15:00"},
		{"time", "ontem às 7h30", "pt", "2026-10-13T07:30"},
		{"time", "8:30 on 5 March", "en", "2026-03-05T08:30"},
		{"time", "3 марта в 15 часов", "ru", "2026-03-03T15:00"},
		{"time", "15 часов 3 марта", "ru", "2026-03-03T15:00"},
		{"time", "3. März um 8 Uhr", "de", "2026-03-03T08:00"},
		{"time", "3.11. um 8 Uhr", "de", "2026-11-03T08:00"},
		{"time", "12am on Friday", "en", "2026-10-09T00:00"},
		{"time", "3 October at 1430 hrs", "en", "2026-10-03T14:30"},
		{"time", "3 October at 0740", "en", "2026-10-03T07:40"},
		{"time", "3 October 2025 at 1430 hours", "en", "2025-10-03T14:30"},
		{"time", "1430 hrs", "en", "T14:30"},
		{"time", "29 February", "en", "2024-02-29"},
		{"time", "2月29日", "zh-Hans", "2024-02-29"},
		{"time", "土曜日の午前10時", "ja", "2026-10-10T10:00"},
		{"time", "午前6時半", "ja", "T06:30"},
		{"time", "63 October", "en", "63 october"},
		{"time", "2月30日", "zh-Hans", "2月30日"},
		{"time", "two hours ago", "en", "two hours ago"},
		{"time", "last Friday at 5:30pm", "en", "2026-10-09T17:30"},
		{"time", "next Friday", "en", "2026-10-16"},
		{"time", "Nächsten Mittwoch", "de", "2026-10-21"},
		{"time", "下周三", "zh-Hans", "2026-10-21"},
		{"time", "上个星期五", "zh-Hans", "2026-10-09"},
		{"time", "先週の金曜日の午後5時半", "ja", "2026-10-09T17:30"},
		{"time", "Fridays", "en", "fridays"},
		{"time", "Monday to Friday", "en", "monday to friday"},
		{"time", "10pm to 6am", "en", "T22:00"},
		{"time", "in 2019", "en", "in 2019"},
		{"time", "spring", "en", "spring"},
		{"place", "Mill  Lane", "en", "mill lane"},
	} {
		if got := Normal(heed.Detail{Type: c.kind, Text: c.text}, Context{Language: c.lang, Regions: map[bool][]string{true: {"GB"}}[strings.HasSuffix(c.lang, "GB")]}, at); got != c.want {
			t.Errorf("%s %q is %q, not %q", c.kind, c.text, got, c.want)
		}
	}
}

func TestAFormIsPlainerThanTheWordsOnlyWhereItIsSure(t *testing.T) {
	at := time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ kind, text, want string }{
		{"phone", "020 7946 0148", "+442079460148"}, {"phone", "+44 20 7946 0148", ""}, {"time", "yesterday", "2026-10-13"}, {"time", "2026-10-13", ""},
		{"time", "last night at 2", "2026-10-13"},
		{"time", "Monday", ""}, {"time", "in spring", ""}, {"money", "$1,200.50", ""}, {"money", "3 million euros", "3000000.00 EUR"}, {"money", "a few coins", ""}, {"email", "ann (at) mail.example", "ann@mail.example"},
		{"url", "hxxp://shop.example", ""}, {"plate", "kx41 rvo", ""}, {"person", "Ann", ""},
	} {
		if got := Plainer(heed.Detail{Type: c.kind, Text: c.text}, Context{Language: "en", Regions: []string{"GB"}}, at); got != c.want {
			t.Errorf("%s %q says more as %q, not %q", c.kind, c.text, got, c.want)
		}
	}
}

func TestACountryThatNobodySaidIsShownOnlyWhereItIsTheLikeliestAndNoOtherFits(t *testing.T) {
	for _, c := range []struct {
		text, lang string
		regions    []string
		want       string
	}{
		{"07700 900123", "en", nil, "07700900123"}, // no number in Britain, and one in India
		{"020 7946 0148", "en", nil, "02079460148"},
		{"(212) 555-0142", "en", nil, "+12125550142"}, // India has it too, and writes it otherwise
		{"(212)555-0142 ext. 12", "en", nil, "+12125550142"},
		{"1 (212) 555-0142", "en", nil, "+12125550142"},
		{"415-555-2671", "en", nil, "+14155552671"},
		{"415.555.2671", "en", nil, "+14155552671"},
		{"(815) 555-0142", "en", nil, "+18155550142"},
		{"815-555-0142", "en", nil, "8155550142"}, // may be an Indian mobile's
		{"987-654-3210", "en", nil, "9876543210"},
		{"4155552671", "en", nil, "4155552671"},
		{"415 555 2671", "en", nil, "4155552671"},
		{"(555) 234-5678", "en", nil, "5552345678"}, // of no area that there is
		{"(514) 555-0142", "fr", nil, "+15145550142"},
		{"(415) 555-2671", "es", nil, "4155552671"}, // Mexicans write so
		{"(727) 250-1234", "kk", nil, "7272501234"}, // Almaty, or Florida
		{"(02) 9876-5432", "en", nil, "0298765432"},
		{"oh seven seven double oh nine oh oh one two three", "en", nil, "07700900123"},
		{"+44 20 7946 0148", "en", nil, "+442079460148"},
		{"020 7946 0148", "en", []string{"GB"}, "+442079460148"},
		{"138 0000 1111", "zh-Hans", nil, "+8613800001111"},
		{"06 12 34 56 78", "fr", nil, "+33612345678"},
		{"050 123 4567", "ar", nil, "0501234567"},
	} {
		d := heed.Detail{Type: "phone", Text: c.text}
		if got := Certain(d, Context{Language: c.lang, Regions: c.regions}, time.Time{}); got != c.want {
			t.Errorf("%q in %s is shown as %q, not %q", c.text, c.lang, got, c.want)
		}
	}
	if got := Plainer(heed.Detail{Type: "phone", Text: "07700 900123"}, Context{Language: "en"}, time.Time{}); got != "" {
		t.Errorf("it says more as %q", got)
	}
}

func FuzzANormalFormIsItsOwn(f *testing.F) {
	for _, text := range []string{
		"Call +44 (0)20 7946 0148 or 020 7946 0148 ext. 12, my card is 4111-1111-1111-1111, he paid $1,200.50 and 0.001 btc at 51°30'26\"N 0°7'39\"W",
		"Вчера в 14:30 за 45 000 руб. около 48.9020, -20.1155", "10月5日下午三点半, 12万元, 一三八零零零零幺幺幺幺", "昨日の午後3時半に", "कल शाम 5 बजे", "last spring at 5 h",
		"see HTTP://Shop.Example:80/a//#top or hxxp://[2001:db8::7]/ and x@y.example, a (at) b.example, 5.10. on --10-05",
	} {
		f.Add(text, "en")
	}
	at := time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text, lang string) {
		c := Context{Language: lang}
		for _, kind := range heed.DetailTypes {
			Normal(heed.Detail{Type: kind, Text: text}, c, time.Time{})
		}
		for _, d := range Find(fold.New(text), c) {
			form := Normal(d, c, at)
			if again := Normal(heed.Detail{Type: d.Type, Text: form}, c, at); again != form {
				t.Errorf("the form of %s %q is %q, whose form is %q", d.Type, d.Text, form, again)
			}
		}
	})
}
