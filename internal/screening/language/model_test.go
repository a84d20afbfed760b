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

func TestADamagedModelIsNotRead(t *testing.T) {
	trainer := NewTrainer()
	trainer.Add("de", "der Hund bellt in der Nacht")
	var whole bytes.Buffer
	if err := trainer.Model([...]int{0, 1, 1, 1, 1, 1}, 0.1).Write(&whole); err != nil {
		t.Fatal(err)
	}
	file := whole.Bytes()
	other := slices.Clone(file)
	other[len(other)-trailer] ^= 1 // of the checksum
	for name, damaged := range map[string][]byte{
		"without its end": file[:len(file)-trailer], "cut in its checksum": file[:len(file)-1], "whose checksum is another": other,
	} {
		if _, err := Load(bytes.NewReader(damaged)); err == nil {
			t.Errorf("a model %s was read", name)
		}
	}
}

// trailer is how many bytes gzip writes behind what it packed: a checksum and the length.
const trailer = 8
