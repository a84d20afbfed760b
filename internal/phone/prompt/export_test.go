package prompt

// VoiceName is espeak-ng's name of the voice of a language.
func VoiceName(language string) string { return voiceOf(language).name }

// Sentences is sentences.
func Sentences(words string) ([]string, bool) { return sentences(words) }

// VoiceFor is the name of the voice for words that a caller of the language is told.
func (v *Voice) VoiceFor(words string) string { return v.voiceFor(words).name }

// Break has everything break that a voice speaks from now on.
func (s *Speaker) Break() { close(s.places) }
