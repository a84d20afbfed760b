package details

import (
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestEachDetailHasOneNormalForm(t *testing.T) {
	at := time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct{ kind, text, lang, want string }{
		{"phone", "020 7946 0148", "en-GB", "+442079460148"},
		{"phone", "+44 (0)20 7946 0148", "en", "+442079460148"},
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
		{"time", "hoje às 6h20", "pt", "2026-10-14T06:20"},
		{"time", "hier soir", "fr", "2026-10-13"},
		{"time", "Вчера", "ru", "2026-10-13"},
		{"time", "أمس", "ar", "2026-10-13"},
		{"time", "lunes", "es", "2026-10-12"},
		{"time", "周三中午", "zh-Hans", "2026-10-07"},
		{"time", "martes 5 de mayo", "es", "2026-05-05"},
		{"time", "14:30", "en", "T14:30"},
		{"time", "spring", "en", "spring"},
		{"place", "Mill  Lane", "en", "mill lane"},
	} {
		if got := Normal(heed.Detail{Type: c.kind, Text: c.text}, Context{Language: c.lang, Regions: map[bool][]string{true: {"GB"}}[c.lang == "en-GB"]}, at); got != c.want {
			t.Errorf("%s %q is %q, not %q", c.kind, c.text, got, c.want)
		}
	}
}

func FuzzANormalFormIsItsOwn(f *testing.F) {
	for _, kind := range heed.DetailTypes {
		f.Add(kind, "1,2.3 万元 12.10.2026 51°30'26\"N x@y.z +44 (0) 一二 %zz", "en")
	}
	f.Fuzz(func(t *testing.T, kind, text, lang string) {
		Normal(heed.Detail{Type: kind, Text: text}, Context{Language: lang}, time.Time{})
	})
}
