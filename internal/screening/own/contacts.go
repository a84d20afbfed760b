package own

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Contacts gives the phone numbers and e-mail addresses that right after a phrase such as "my number is" stand for the
// writer's own, and where the same stand again, in order; nil where there are none, and for every text that seems to hold
// somebody else's words: in a forwarded message "my number is" is the swindler's. Unlike Find, what it gives may be cut out:
// it never takes a name, an address, or anything but digits and signs or an e-mail address.
func Contacts(text, language string) []Piece {
	if !strings.ContainsFunc(text, func(r rune) bool { return r == '@' || r == '\uFF20' || unicode.IsDigit(r) }) {
		return nil // most texts end here, and what follows is dear
	}
	var out []Piece
	var written [][]int
	for _, p := range Find(text, language) {
		form := strict[p.Kind]
		if form == nil || p.From == p.Start || !form.MatchString(text[p.Start:p.End]) || !bounded(text, p.Start, p.End) {
			continue
		}
		if written == nil {
			written = contactsIn(text)
		}
		out = append(out, again(text, p, written)...)
	}
	if len(out) == 0 || othersWords.MatchString(fold.String(text)) || quotes.MatchString(text) {
		return nil
	}
	slices.SortFunc(out, func(a, b Piece) int { return a.Start - b.Start })
	end := 0
	return slices.DeleteFunc(out, func(p Piece) bool {
		if p.Start < end {
			return true // found before
		}
		end = p.End
		return false
	})
}

// contactsIn gives the places of whatever may be a number or an e-mail address.
func contactsIn(text string) [][]int {
	found := contactForm.FindAllStringIndex(text, -1)
	for _, at := range found {
		if text[at[0]] == '(' && !strings.Contains(text[at[0]:at[1]], ")") { // around it, not in it
			at[0]++
		}
	}
	return found
}

// again gives the places where what the piece holds stands by itself: as it stands there, or as others of the text's written,
// which are numbers and addresses, spell the same.
func again(text string, p Piece, written [][]int) (out []Piece) {
	contact := text[p.Start:p.End]
	for at := 0; ; {
		next := strings.Index(text[at:], contact)
		if next < 0 {
			break
		}
		written = append(written, []int{at + next, at + next + len(contact)})
		at += next + len(contact)
	}
	for _, at := range written {
		if start, end := at[0], at[1]; same(p.Kind, contact, text[start:end]) && bounded(text, start, end) {
			out = append(out, Piece{Kind: p.Kind, Start: start, End: end, From: start, To: end})
		}
	}
	return out
}

// same says that two e-mail addresses differ in case, or two numbers in what stands between their digits, and in nothing else.
func same(kind, a, b string) bool {
	if kind == "email" {
		return strings.EqualFold(a, b)
	}
	return digits(a) == digits(b)
}

func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, number)
}

// bounded says that text[start:end] is no part of a longer word, number or address.
func bounded(text string, start, end int) bool {
	return !joinedBefore.MatchString(text[max(0, start-2*utf8.UTFMax):start]) && !joinedAfter.MatchString(text[end:]) &&
		!letterAt(utf8.DecodeLastRuneInString(text[:start])) && !letterAt(utf8.DecodeRuneInString(text[end:]))
}

func letterAt(r rune, _ int) bool {
	return r != utf8.RuneError && !fold.Dense(r) && (unicode.IsLetter(r) || unicode.IsMark(r))
}

var (
	// strict is what a number or an e-mail address looks like that may be cut out.
	strict = map[string]*regexp.Regexp{
		"phone": regexp.MustCompile(`^[+＋(]{0,2}\p{Nd}[\p{Nd} ()./-]{4,24}\p{Nd}$`),
		"email": regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$`),
	}

	// contactForm is what may be one of them, each as long as it can be.
	contactForm = regexp.MustCompile(`[+＋(]{0,2}\p{Nd}(?:[ ()./-]{0,3}\p{Nd})+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[A-Za-z]`)

	joinedBefore = regexp.MustCompile(`(?:[\p{Nd}@+_%]|\p{Nd}[ ./-]|[\pL\p{Nd}][._-])$`)
	joinedAfter  = regexp.MustCompile(`^(?:[\p{Nd}@+_%]|[ ./-]\p{Nd}|[._-][\pL])`)

	// quotes are marks that may stand around another's words, and what mail programs put before them.
	quotes = regexp.MustCompile("[\"“”„‟‘‚«»‹›「」『』《》〈〉＂`]|(?:^|[\\s(:,;])'|(?m:^\\s*>)")

	// othersWords are signs that a text holds a message of somebody else's, in folded text. Too many rather than too few:
	// then nothing is cut out.
	othersWords = regexp.MustCompile(strings.Join([]string{
		`\bdears?\b|\bgreetings|\bto whom|\bbarrister|\bbeneficiary|\bforward|\bfwd?\b|\b(?:from|subject|sent|re|de|von|betreff|asunto|objet|assunto):|\bsms\b|\bquot|\bcopied|\bpasted?\b|\bverbatim`,
		`\b(?:messages|letters?|notes?|adverts?|ads?|posts?|posters?|flyers?|leaflets?|voicemails?|texts|chats?|replied|says|said|saying|told|tells|wrote|writes|texted|claims|claimed|reads)\b`,
		`\b(?:an?|the|this|that|these|following|below|got|received|his|her|their|another) (?:[a-z]+ )?(?:texts?|e-?mails?|mails?|messages?|msgs?|dms?)\b`,
		`\b(?:e-?mails?|texts?|messages?) (?:reads?|says?|said|goes|went|from|was|came)\b`,
		`\b(?:estimad|querid|reenvi|mensajes?|carta|anuncio|cartel|dijo|dice|decia|escribio|recibi|prezad|encaminh|reencaminh|mensage(?:m|ns)|disse|diz |escreveu|receb)`,
		`\b(?:cher|chere|chers|cheres|madame|monsieur|transfer|transmis|messages?|lettre|annonce|affiche|dit|disait|ecrit|ecrivait|recu|caro|cara)\b`,
		`\b(?:sehr geehrte[rns]?|liebe[rs]?|weitergeleitet|weiterleit|nachrichten?|brief|anzeige|zettel|sagte?|schrieb|bekam|erhielt|erhalten)\b`,
		`уважаем|дорог(?:ой|ои|ая|ие)|пересла|пересыла|сообщени|объявлени|смс|письм|сказал|говорит|написал|пришл|получил|цитат`,
		`عزيز|السيد|المحترم|تحيه|رساله|رسائل|اعلان|محول|قال|يقول|كتب|وصلتني|تلقيت|وصلني`,
		`尊敬|亲爱|您好|转发|短信|消息|留言|广告|朋友圈|邮件(?:说|称|写|内容)|说|写|告诉|发来|收到|信里|内容`,
		`प्रिय|संदेश|मैसेज|एसएमएस|लिखा|कहा|बोल|भेज|मिला|\b(?:priy|message|msg|bola|boli|bole|likha|kaha|bheja|mila)\b`,
		`拝啓|親愛|亲爱|转送|転送|お客様|メッセージ|ショートメール|(?:メール|手纸|手紙)が|届(?:い|き)|届|と言|と書|と书|書いて|书いて`,
	}, "|"))
)
