package own

import (
	"strings"
	"testing"
)

func TestOnlyOwnContactsMayBeCutOut(t *testing.T) {
	for text, want := range map[string]string{
		"en: My name is Rosa Example, my number is 020 7946 0123.":                                                             "020 7946 0123",
		"en: My e-mail is rosa@mail.example. Write to me at rosa@mail.example":                                                 "rosa@mail.example|rosa@mail.example",
		"en: Call me on 020 7946 0123. The landlord's is 020 7946 0999. Again: 020 7946 0123.":                                 "020 7946 0123|020 7946 0123",
		"en: My number is 020 7946 0123. His is 020 7946 01234, hers 1 020 7946 0123.":                                         "020 7946 0123",
		"en: My e-mail is rosa@mail.example, not rosa@mail.example.org or xrosa@mail.example.":                                 "rosa@mail.example",
		"en: My number is 020 7946 0123. Once more: 02079460123, (020) 7946-0123, at last (020 7946 0123). Not 020 7946 0124.": "020 7946 0123|02079460123|(020) 7946-0123|020 7946 0123",
		"en: My e-mail is rosa@mail.example, or Rosa@Mail.Example on the phone.":                                               "rosa@mail.example|Rosa@Mail.Example",
		"es: Mi número es 612 345 678.":                                                                                        "612 345 678",
		"fr: Mon numéro est le 06 39 98 12 34.":                                                                                "06 39 98 12 34",
		"pt: O meu telemóvel é 912 345 678.":                                                                                   "912 345 678",
		"ru: Мой номер телефона: +7 912 345-67-89":                                                                             "+7 912 345-67-89",
		"ar: رقم هاتفي هو 0501234567.":                                                                                         "0501234567",
		"zh-Hans: 我的电话是13800001111，你们打过来":                                                                                      "13800001111",
		"ja: 私の携帯番号は090-1234-5678です。":                                                                                          "090-1234-5678",
		"de: Rufen Sie mich bitte an unter 0170 1234567.":                                                                      "0170 1234567",
		"hi: mera number 9876543210 hai, raat ko call karo":                                                                    "9876543210",
	} {
		lang, text, _ := strings.Cut(text, ": ")
		if got := contacts(text, lang); got != want {
			t.Errorf("%q gave %q", text, got)
		}
	}
}

func TestNothingElseIsCutOut(t *testing.T) {
	for _, text := range []string{
		"I am Very Worried about the gas.", "I am Boris Volkov's wife and he will kill me.", "My name is Rosa Martinez. Martinez is my name.",
		"I live in a house on Mill Lane 12 with my husband who says he will kill me tonight with a knife",
		"My address is Mill Lane 12, he waits outside with a gun", "My plate is AB12 CDE, they stole the car.", "My account is GB29 NWBK 6016 1331 9268 19.",
		"020 7946 0123 is my number.", "my number is oh seven seven double oh nine oh oh one two three",
		"Dear Sir, my name is Barrister John Smith. Call me at +234 803 123 4567.", "Forwarded: my number is 020 7946 0123, pay now.",
		"The e-mail reads: my number is 020 7946 0123.", "I got this sms. Call me at 020 7946 0123 to win.", "I got this text. Call me at 020 7946 0123 to win.",
		"“Call me at 020 7946 0123” is on the wall.", "It is on the wall: 'call me at 020 7946 0123'.", "> call me at 020 7946 0123",
		"Recibí esto. Mi número es 612 345 678.", "Estimado cliente, llámeme. Mi número es 612 345 678.", "J’ai reçu ceci. Mon numéro est le 06 39 98 12 34.",
		"Prezado cliente, o meu telemóvel é 912 345 678.", "Уважаемый клиент! Мой номер телефона: +7 912 345-67-89", "عزيزي العميل، رقم هاتفي هو 0501234567.",
		"尊敬的客户，我的电话是13800001111。", "Sehr geehrter Kunde, meine Nummer ist 0170 1234567.", "प्रिय ग्राहक, मेरा मोबाइल नंबर 9876543210 है",
		"お客様、私の携帯番号は090-1234-5678です。",
	} {
		for _, lang := range [...]string{"en", "es", "fr", "pt", "ru", "ar", "zh-Hans", "de", "hi", "ja"} {
			if got := contacts(text, lang); got != "" {
				t.Errorf("%s: %q gave %q", lang, text, got)
			}
		}
	}
}

func contacts(text, lang string) string {
	var got []string
	for _, p := range Contacts(text, lang) {
		got = append(got, text[p.Start:p.End])
	}
	return strings.Join(got, "|")
}

func FuzzWhatMayBeCutOutStandsInTheTextInOrder(f *testing.F) {
	f.Add("my number is 020 7946 0123, again 020 7946 0123; my e-mail is rosa@mail.example", "en")
	f.Add("我的电话是13800001111 \xff 13800001111", "zh-Hans")
	f.Fuzz(func(t *testing.T, text, lang string) {
		end := 0
		for _, p := range Contacts(text, lang) {
			if p.Start < end || p.End <= p.Start || p.End > len(text) {
				t.Fatalf("%+v of %q", p, text)
			}
			end = p.End
		}
	})
}
