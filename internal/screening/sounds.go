package screening

import "strings"

// Consonants as most scripts spell them in names: what is voiced in one is often not in another, so b and p, d and t, g
// and k are one. Vowels and half-vowels are left out, and so are letters that only one script has.
const (
	soundLatin      = "b:b p:b d:t t:t g:k k:k c:k q:k f:f v:f s:s z:s x:s l:l r:r m:m n:n j:j"
	soundCyrillic   = "б:b п:b д:t т:t г:k к:k х:k ф:f в:f с:s з:s ц:s ш:s щ:s ч:j ж:j л:l р:r м:m н:n"
	soundArabic     = "ب:b پ:b د:t ت:t ط:t ض:t ظ:s ذ:s ث:s گ:k غ:k ك:k ق:k خ:k ف:f ڤ:f س:s ص:s ز:s ش:s ج:j چ:j ل:l ر:r م:m ن:n"
	soundDevanagari = "ब:b भ:b प:b फ:f व:f द:t ध:t त:t थ:t ट:t ठ:t ड:t ढ:t ग:k घ:k क:k ख:k स:s श:s ष:s ज:j झ:j च:j छ:j ल:l र:r म:m न:n ण:n"
	soundGreek      = "β:f π:b δ:t τ:t γ:k κ:k χ:k φ:f σ:s ς:s ζ:s ξ:s λ:l ρ:r μ:m ν:n"
	soundHebrew     = "ב:b פ:b ד:t ט:t ת:t ג:k ק:k כ:k ך:k ח:k ס:s צ:s ש:s ז:s ל:l ר:r מ:m ם:m נ:n ן:n"
)

// consonants gives each letter's sound, 0 where it has none.
var consonants = func() (out [0x0980]byte) {
	for _, script := range [...]string{soundLatin, soundCyrillic, soundArabic, soundDevanagari, soundGreek, soundHebrew} {
		for _, pair := range strings.Fields(script) {
			letter, sound, _ := strings.Cut(pair, ":")
			for _, r := range letter {
				out[r] = sound[0]
			}
		}
	}
	return out
}()

// soundLength is how many consonants make a sound: three are shared by too many words, and endings differ from the fifth.
const soundLength = 4

// soundOf gives the hash of the first consonants of a folded word; none where it has too few to tell anything: "nordaquille" and "نورداكي"
// are both nrtk. A repeated one counts once.
func soundOf(word string) (hash uint32, ok bool) {
	var out [soundLength]byte
	n := 0
	if rest, ok := strings.CutPrefix(word, "ال"); ok {
		word = rest
	}
	for _, r := range word {
		if int(r) >= len(consonants) {
			continue
		}
		c := consonants[r]
		if c == 0 || n > 0 && out[n-1] == c {
			continue
		}
		out[n] = c
		if n++; n == soundLength {
			return wordHash(string(out[:])), true
		}
	}
	return 0, false
}
