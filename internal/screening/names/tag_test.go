package names

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNamesAreFoundInLanguagesWithCapitals(t *testing.T) {
	for text, want := range map[string]string{
		"My boss is called Peter Walsh and he lives in Birmingham.":         "person=Peter Walsh|place=Birmingham",
		"I spoke to Fatima Khan at Calder Logistics Ltd in Leeds.":          "person=Fatima Khan|organisation=Calder Logistics Ltd|place=Leeds",
		"Nothing was done. They never came. We are afraid.":                 "",
		"Trabajo en Transportes Herrera, en Sevilla, y mi jefe es Luis.":    "organisation=Transportes Herrera|place=Sevilla|person=Luis",
		"Meine Nachbarin Anna Becker wohnt in Hamburg und hat Angst.":       "person=Anna Becker|place=Hamburg",
		"Мой сосед Павел Кузнецов хранит оружие в гараже.":                  "person=Павел Кузнецов",
		"I've told them twice. I'm not saying it again. I'll write it down": "",
	} {
		var got []string
		for _, n := range Default().Find(Split(text), "", nil) {
			got = append(got, n.Kind+"="+text[n.Start:n.End])
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q gave %q, not %q", text, s, want)
		}
	}
}

func TestTrainingTwiceGivesTheSameModel(t *testing.T) {
	examples := []Example{
		{Text: "I met Rosa Example in Leeds.", Names: []Name{{"person", 6, 18}, {"place", 22, 27}}},
		{Text: "Nobody came to Leeds yesterday.", Names: []Name{{"place", 15, 20}}},
	}
	var a, b bytes.Buffer
	for len(examples) < 2*least { // what fewer texts have is not learned
		examples = append(examples, examples...)
	}
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := Train(examples, 5).Write(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the models differ")
	}
	m, err := Load(&a)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Find(Split(examples[0].Text), "", nil); len(got) != 2 || got[0] != examples[0].Names[0] || got[1] != examples[0].Names[1] {
		t.Errorf("what was learned is not found again: %v", got)
	}
}

func TestWhatIsNoModelIsRefused(t *testing.T) {
	if _, err := Load(strings.NewReader("not gzip")); err == nil {
		t.Error("no error")
	}
}

// A model that was read is the one that was written, its first look included.
func TestAModelIsReadAsItWasWritten(t *testing.T) {
	var b bytes.Buffer
	if err := Default().Write(&b); err != nil {
		t.Fatal(err)
	}
	m, err := Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	if m.sieve != Default().sieve || m.moves != Default().moves || !slices.Equal(m.rows, Default().rows) || !slices.Equal(m.places, Default().places) {
		t.Error("the models differ")
	}
}

func FuzzNamesStandInTheText(f *testing.F) {
	f.Add("Mr. Smith, of St. Ives & Sons; İstanbul ﬁ \xff Пётр-Иван' '", "en", 4, 9)
	f.Add("王阿姨住在丁香里3号楼。", "zh", 0, 3)
	f.Add("شارع الملك فيصل", "ar", 0, 40)
	f.Fuzz(func(t *testing.T, text, lang string, from, to int) {
		text = strings.ToValidUTF8(text, "?")
		end := 0
		for _, n := range Default().Find(Split(text), lang, []Name{{"place", from, to}}) {
			if n.Start < end || n.End <= n.Start || n.End > len(text) || !utf8.ValidString(text[n.Start:n.End]) {
				t.Fatalf("%+v in %q", n, text)
			}
			end = n.End
		}
	})
}
