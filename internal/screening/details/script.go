package details

import (
	"strings"

	"github.com/heed-line/heed/internal/screening/names"
)

// Arabic and Devanagari have no capitals: these rules take names by the words before them in Arabic ("شارع …"), after or before
// them in Hindi ("… नगर", "नाम …"); the model of package names finds others.

var (
	arabicLeads = byKind(map[string]string{
		"place":        "شارع حي ميدان طريق جسر مدينة قرية حارة ميناء سوق ساحة محطة مخيم منطقة محافظة كورنيش مطار دوار مستشفى مدرسة جامعة كنيسة جامع حديقة نفق عمارة برج وادي نهر",
		"organisation": "شركة مطعم مصنع بنك جمعية مؤسسة ثلاجة صيدلية عيادة فندق مجموعة متجر محل مقهى ماركة تطبيق منصة مكتب",
		"person":       "اسمه اسمها يدعى تدعى يسمى السيد السيدة الدكتور الدكتورة الأستاذ الشيخ الحاج المدعو المهندس العقيد الرائد النقيب أبو أم",
	})
	hindiTails = byKind(map[string]string{
		"place":        "नगर मार्ग रोड चौक कॉलोनी विहार सोसाइटी अपार्टमेंट ज़िला जिला",
		"organisation": "लिमिटेड ऐप एप ट्रस्ट इंडस्ट्रीज ट्रेडर्स एंटरप्राइजेज फाउंडेशन",
		"person":       "जी साहब सिंह कुमार देवी शर्मा वर्मा यादव खान गुप्ता",
	})
	hindiLeads = byKind(map[string]string{"person": "श्री श्रीमती डॉ नाम मिस्टर इंस्पेक्टर ठेकेदार"})
)

// byKind gives the kind of each word, folded.
func byKind(lists map[string]string) rareWords[string] {
	m := map[string]string{}
	for kind, words := range lists {
		for w := range wordSet(words) {
			m[w] = kind
		}
	}
	return newRareWords(m)
}

// goesOn are Arabic words after such a word that are no name.
var goesOn = wordSet("في من على الى عن مع كان كانت التي الذي هذا هذه كل بعد قبل عند أن إن لا لم لن ما هو هي كبير كبيرة صغير صغيرة قديم جديد الآن بسرعة وهو وهي كما حيث أمام خلف فوق تحت جنب بجانب قريب اسمه اسمها رقم واحد آخر أخرى كبيره")

// styles are Arabic words that streets are called by together with the name behind them: "شارع الملك فيصل".
var styles = wordSet("الملك الملكة الأمير الأميرة الشيخ الإمام الشهيد الشهيدة السلطان الخليفة الرئيس الدكتور القديس القديسة")

// arabic finds the name after words[i]: one word, and a second that is joined to it by the article or is a person's.
func (f *finder) arabic(words []names.Word, i int) {
	w := words[i].Lower
	kind := arabicLeads.of(w)
	for _, prefix := range [...]string{"و", "ب", "ل", "ف", "ال"} {
		if kind == "" {
			if rest, ok := strings.CutPrefix(w, prefix); ok && len(rest) > 4 {
				kind = arabicLeads.of(rest)
			}
		}
	}
	if kind == "" || i+1 >= len(words) || !f.blank(&words[i], &words[i+1]) || goesOn[words[i+1].Lower] || len(words[i+1].Lower) < 4 || words[i+1].Lower[0] < 0xD8 {
		return
	}
	next := words[i+1].Lower
	definite := strings.Contains(w, "ال") && !strings.HasPrefix(next, "ال") && kind != "person"
	if definite || kind != "place" && (strings.HasPrefix(next, "ي") || next == "اوقف" || next == "نفسه" || next == "نفسها") {
		return // a verb, or something said of what is known already
	}
	from, last := i, i+1
	if kind == "person" && w != "ابو" && w != "ام" && !strings.HasPrefix(w, "ال") || kind == "organisation" {
		from = i + 1
	}
	if next := i + 2; next < len(words) && f.blank(&words[i+1], &words[next]) && !goesOn[words[next].Lower] && (words[i+1].Lower == "ابو" || words[i+1].Lower == "عبد" || words[i+1].Lower == "بور" || words[i+1].Lower == "ال" ||
		styles[words[i+1].Lower] && kind == "place" ||
		strings.HasPrefix(words[next].Lower, "ال") && strings.HasPrefix(words[i+1].Lower, "ال") && kind == "place") {
		last = next
	}
	f.addOriginal(kind, words[from].Start, words[last].End, 40)
}

// hindi finds the name that ends in words[i], or that follows it.
func (f *finder) hindi(words []names.Word, i int) {
	w := words[i].Lower
	switch tail, lead := hindiTails.of(w), hindiLeads.of(w); {
	case tail != "" && i > 0 && f.blank(&words[i-1], &words[i]) && !hindiPlain[words[i-1].Lower]:
		first, last := i-1, i
		if i > 1 && f.blank(&words[i-2], &words[i-1]) && !hindiPlain[words[i-2].Lower] && tail == "organisation" {
			first = i - 2
		}
		if w == "ऐप" || w == "एप" || w == "जी" {
			last = i - 1
		}
		f.addOriginal(tail, words[first].Start, words[last].End, 40)
	case lead != "" && i+1 < len(words) && f.blank(&words[i], &words[i+1]) && !hindiPlain[words[i+1].Lower]:
		f.addOriginal(lead, words[i+1].Start, words[i+1].End, 40)
	}
}

// hindiPlain are words that are no part of a name.
var hindiPlain = wordSet("का की के को से में पर है हैं था थी थे और या यह वह वो ये इस उस एक दो तीन मेरे मेरी मेरा हमारे हमारी उसका उसकी अपने अपनी किसी कोई सब बड़ा बड़ी छोटा छोटी पुराना पुरानी नया नई भी ही तो नहीं मत सरकारी प्राइवेट पास वाले वाली वाला हाँ जो कि क्या मैंने हमने उन्होंने उसने ने लोग आज कल रोज साथ बाद तक नाम हेलो हैलो नमस्ते मत बस लिख लिखा लिए हर चार पाँच ससुर मास्टर माता पिता")

// blank says whether nothing but one blank stands between two words.
func (f *finder) blank(a, b *names.Word) bool { return f.t.Original[a.End:b.Start] == " " }
