package names

import (
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

func TestTheWordsOfAFoldedTextAreThoseOfTheText(t *testing.T) {
	for _, text := range []string{
		"Mr. O'Brien's brother-in-law - he's at 12B, Rue de l'Église! “Fine”, said J. 'Twas",
		"Мой сосед Павел Кузнецов, ул. Мира 5… ЁЛКА-",
		"اسمه أحمد بن عليّ في شارع الملك", "मेरा नाम राम है १२", "火事です GAS漏れ ﷺ İstanbul ŞİŞLİ ﬁre",
	} {
		words := AppendWords(nil, fold.New(text))
		if want := Split(text); !slices.Equal(words, want) {
			t.Errorf("%q\n%+v\n%+v", text, words, want)
		}
	}
}
