package language

import (
	"bufio"
	"strings"
	"testing"
)

func TestALanguageIsNamedByItsTag(t *testing.T) {
	m := Default()
	for text, want := range map[string]string{
		"There is a strange smell in the stairwell of our building.": "en",
		"楼道里有一股奇怪的味道，请派人来看看。":                                        "zh-Hans",
		"樓道裡有一股奇怪的味道，請派人來看看。":                                        "zh-Hant",
		"我哋喺呢度見到嗰個人唔知做咗啲咩":                                           "yue",
		"Hay un olor extraño en la escalera de nuestro edificio.":    "es",
		"Il y a une drôle d'odeur dans la cage d'escalier.":          "fr",
		"هناك رائحة غريبة في درج العمارة":                            "ar",
		"В подъезде нашего дома странный запах.":                     "ru",
		"Há um cheiro estranho na escada do nosso prédio.":           "pt",
		"Im Treppenhaus riecht es seltsam, bitte kommen Sie.":        "de",
		"階段で変なにおいがします。":                                              "ja",
		"हमारी इमारत की सीढ़ियों में अजीब गंध है।":                   "hi",
		"Mere ghar ke paas ek aadmi hai jo bahut shor karta hai":     "hi",
		"fi ra2eh 3areebe bil bineye w el jiran 5ayfin":              "ar",
		"بىنانىڭ ئىچىدە غەلىتە پۇراق بار، تېز كېلىڭلار":              "ug",
		"ཁང་པའི་ནང་དུ་དྲི་མ་མི་འདྲ་བ་ཞིག་འདུག":                       "bo",
		"12345 :-)": "und",
		"":          "und",
	} {
		if got := m.Detect(text).Main; got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
}

func TestAMixedTextNamesBothLanguages(t *testing.T) {
	got := Default().Detect("我们公司的经理 told everybody to delete the safety records 我有截图可以证明这件事情，请你们查")
	if got.Main != "zh-Hans" || strings.Join(got.All, " ") != "zh-Hans en" {
		t.Errorf("%+v", got)
	}
}

func TestABrokenModelIsRefused(t *testing.T) {
	if _, err := Load(strings.NewReader("no model")); err == nil {
		t.Error("it was read")
	}
	if _, err := parse(bufio.NewReader(strings.NewReader(magic + "\x01"))); err == nil {
		t.Error("half a model was read")
	}
}
