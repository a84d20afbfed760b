package media

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decoder makes UTF-8 of bytes; what is no character becomes U+FFFD.
type decoder func(b []byte) string

func of(e encoding.Encoding) decoder {
	return func(b []byte) string {
		s, err := e.NewDecoder().Bytes(b)
		if err != nil { // none of these decoders fails; what it gave stands
			return strings.ToValidUTF8(string(s), "\uFFFD")
		}
		return string(s)
	}
}

func asUTF8(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

var (
	bigUTF16    = of(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
	littleUTF16 = of(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))
)

// marks begin a text and say how it is written.
var marks = []struct {
	mark   []byte
	decode decoder
}{{[]byte("\xef\xbb\xbf"), asUTF8}, {[]byte("\xff\xfe"), littleUTF16}, {[]byte("\xfe\xff"), bigUTF16}}

// charsets are how texts of the line's languages were written before UTF-8, by the names of the WHATWG's Encoding Standard.
var charsets = map[string]decoder{
	"utf-8": asUTF8, "utf-16": littleUTF16, "utf-16le": littleUTF16, "utf-16be": bigUTF16,
	"windows-1252": of(charmap.Windows1252), "windows-1251": of(charmap.Windows1251), "windows-1256": of(charmap.Windows1256), "windows-1250": of(charmap.Windows1250),
	"koi8-r": of(charmap.KOI8R), "koi8-u": of(charmap.KOI8U), "gb18030": of(simplifiedchinese.GB18030),
	"iso-8859-2": of(charmap.ISO8859_2), "iso-8859-5": of(charmap.ISO8859_5), "iso-8859-6": of(charmap.ISO8859_6), "iso-8859-15": of(charmap.ISO8859_15),
}

// aliases are other names by which mails call them.
var aliases = map[string]string{
	"us-ascii": "windows-1252", "ascii": "windows-1252", "iso-8859-1": "windows-1252", "latin1": "windows-1252", "utf8": "utf-8",
	"gbk": "gb18030", "gb2312": "gb18030", "x-gbk": "gb18030", "cp1251": "windows-1251", "cp1252": "windows-1252", "cp1256": "windows-1256",
}

// charset finds a decoder by the name that a mail gives; nil where there is none.
func charset(name string) decoder {
	name = strings.ToLower(strings.TrimSpace(name))
	if known, ok := aliases[name]; ok {
		name = known
	}
	return charsets[name]
}

// guessCharset names how a text is written that is no UTF-8: by which bytes above 127 are frequent, and in what company. Chinese comes in
// pairs; of Arabic and Russian the commonest letters tell; what stands alone among Latin letters is theirs.
func guessCharset(b []byte) string {
	b = b[:min(len(b), 64<<10)]
	high, pairs, runs := 0, 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		high++
		if i+1 < len(b) && b[i+1] >= 0x80 {
			runs += 2
			if b[i] >= 0xB0 && b[i] <= 0xD7 && b[i+1] >= 0xA1 { // the commonest 3,755 characters (GB 2312, level 1)
				pairs += 2
			}
			high++
			i++
		}
	}
	counted := func(letters string) (n int) {
		for i := range len(letters) {
			n += bytes.Count(b, []byte{letters[i]})
		}
		return n
	}
	if 2*runs < high || high == 0 {
		return "windows-1252"
	}
	best, most := "windows-1252", 0
	for _, c := range []struct{ name, letters string }{
		{"windows-1251", "\xee\xe5\xe0\xe8\xed\xf2"}, // оеаинт
		{"koi8-r", "\xcf\xc5\xc1\xc9\xce\xd4"},
		{"windows-1256", "\xc7\xe1\xed\xe3\xe6\xe4"}, // الي م و ن
	} {
		if n := counted(c.letters); n > most {
			best, most = c.name, n
		}
	}
	if 10*most < 3*high && 10*pairs >= 7*high { // six letters make some half of a text of any of them
		return "gb18030"
	}
	return best
}
