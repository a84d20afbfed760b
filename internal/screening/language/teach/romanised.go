package teach

import (
	"strings"
	"unicode"
)

// romanised writes Hindi as people type it in Latin letters, roughly: for the data have none. A vowel that isn't written is a, but at a
// word's end and between two consonants that both have vowels around them (Narasimhan, Sproat, Kiraz, "Schwa-deletion in Hindi
// text-to-speech synthesis", 2004). long doubles the long a, as some do.
func romanised(text string, long bool) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.Is(unicode.Devanagari, r) || r == '।' || r == '॥' }) {
		if unicode.IsDigit([]rune(word)[0]) {
			continue
		}
		out.WriteString(romanisedWord(word, long))
		out.WriteByte(' ')
	}
	return strings.TrimSpace(out.String())
}

// sound is a consonant and the vowel after it; either may be missing.
type sound struct {
	consonant, vowel string
	inherent         bool // the vowel isn't written
}

func romanisedWord(word string, long bool) string {
	var sounds []sound
	for _, r := range word {
		last := len(sounds) - 1
		switch {
		case consonants[r] != "":
			sounds = append(sounds, sound{consonants[r], "a", true})
		case vowels[r] != "":
			sounds = append(sounds, sound{"", vowels[r], false})
		case last < 0:
		case signs[r] != "":
			sounds[last].vowel, sounds[last].inherent = signs[r], false
		case r == '्':
			sounds[last].vowel, sounds[last].inherent = "", false
		case r == 'ं' || r == 'ँ':
			if sounds[last].vowel == "e" {
				sounds[last].vowel = "ei" // mein
			}
			sounds[last].vowel, sounds[last].inherent = sounds[last].vowel+"n", false
		case r == '़':
			if with := dotted[sounds[last].consonant]; with != "" {
				sounds[last].consonant = with
			}
		}
	}
	for i := len(sounds) - 1; i > 0; i-- {
		ends := i == len(sounds)-1
		if sounds[i].inherent && (ends || sounds[i-1].vowel != "" && sounds[i+1].vowel != "" && sounds[i+1].consonant != "") {
			sounds[i].vowel = ""
		}
	}
	var out strings.Builder
	for i, s := range sounds {
		out.WriteString(s.consonant)
		if s.vowel == "aa" && !(long && i < len(sounds)-1) && s.consonant != "" {
			s.vowel = "a"
		}
		out.WriteString(s.vowel)
	}
	return out.String()
}

var (
	consonants = map[rune]string{
		'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'ङ': "n", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ञ': "n", 'ट': "t", 'ठ': "th", 'ड': "d",
		'ढ': "dh", 'ण': "n", 'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n", 'प': "p", 'फ': "ph", 'ब': "b", 'भ': "bh", 'म': "m", 'य': "y",
		'र': "r", 'ल': "l", 'व': "v", 'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
	}
	vowels = map[rune]string{'अ': "a", 'आ': "aa", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au", 'ऋ': "ri", 'ऑ': "o"}
	signs  = map[rune]string{'ा': "aa", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "oo", 'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au", 'ृ': "ri", 'ॉ': "o"}
	dotted = map[string]string{"j": "z", "ph": "f", "d": "d", "dh": "dh", "k": "q", "kh": "kh", "g": "g"}
)
