package details

import (
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

func TestDetailsAreFoundByTypeAndSpan(t *testing.T) {
	for text, want := range map[string]string{
		"Call 020 7946 0123 or +33 1 99 00 12 34.":                    "phone=020 7946 0123|phone=+33 1 99 00 12 34",
		"我的电话是13800001111，微信 zhang_88":                                "phone=13800001111|account=zhang_88",
		"Write to a.b+c@mail.example, not to @someone_9":              "email=a.b+c@mail.example|account=@someone_9",
		"see shop-x.example/a?b=1, or (https://y.example/z).":         "url=shop-x.example/a?b=1|url=https://y.example/z",
		"我看了fake-bank.example/登录":                                     "url=fake-bank.example/",
		"It stopped.It was late":                                      "",
		"from 192.0.2.7 and 2001:db8::7 at 12:30:45":                  "ip=192.0.2.7|ip=2001:db8::7|time=12:30:45",
		"I paid $1,200.50 and 3 million euros and six hundred pounds": "money=$1,200.50|money=3 million euros|money=six hundred pounds",
		"被骗了12万元，又交了三千块":                                              "money=12万元|money=三千块",
		"отправила 45 000 руб. и ещё двести долларов":                 "money=45 000 руб.|money=двести долларов",
		"دفعت 300 دولار":                                              "money=300 دولار",
		"IBAN GB82 WEST 1234 5698 7654 32 please":                     "account=GB82 WEST 1234 5698 7654 32",
		"card 4111 1111 1111 1111":                                    "account=4111 1111 1111 1111",
		"wallet 0x52908400098527886E0F7030069857D2E4169EE7":           "crypto=0x52908400098527886E0F7030069857D2E4169EE7",
		"a white van KX41 RVO, lot B-7781":                            "plate=KX41 RVO|id-number=B-7781",
		"车牌京A12345的货车":                                                "plate=京A12345",
		"at 48.9020, -20.1155 on 3 October 2026":                      "coordinates=48.9020, -20.1155|time=3 October 2026",
		"昨晚和10月5日下午三点":                                                "time=昨晚|time=10月5日下午三点",
		"hier soir, lundi 12 octobre":                                 "time=hier soir, lundi 12 octobre",
		"Mr Ashford lives in Mill Lane":                               "person=Mr Ashford|place=Mill Lane",
		"２０２６－１０－０５ に":                                                "time=２０２６－１０－０５",
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

func TestTheWordListIsReadable(t *testing.T) { vocabulary() }
