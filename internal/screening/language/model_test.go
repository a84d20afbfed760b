package language

import (
	"bytes"
	"slices"
	"testing"
)

func TestAModelThatWasWrittenIsReadAsItWas(t *testing.T) {
	trainer := NewTrainer()
	for language, text := range map[string]string{
		"en": "they took away the passports of the workers", "fr": "ils ont pris les passeports des ouvriers", "ru": "у рабочих отобрали паспорта",
	} {
		trainer.Add(language, text)
	}
	for name, made := range map[string]*Model{
		"of three sentences": trainer.Model([...]int{0, 1, 1, 1, 1, 1}, 0.1), "shipped": Default(), // with buckets that have many entries
	} {
		var file bytes.Buffer
		if err := made.Write(&file); err != nil {
			t.Fatal(err)
		}
		read, err := Load(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if made.Entries() == 0 || !slices.Equal(read.languages, made.languages) || !bytes.Equal(read.entries, made.entries) ||
			!slices.Equal(read.blocks, made.blocks) {
			t.Errorf("the model %s: %d weights came back as %d, or others", name, made.Entries(), read.Entries())
		}
		if _, err := Load(bytes.NewReader(file.Bytes()[:file.Len()/2])); err == nil {
			t.Errorf("half the model %s was read", name)
		}
	}
}
