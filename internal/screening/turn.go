package screening

import (
	"iter"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// turn are a language's words by which a telling turns from who somebody is to what was done, whatever the deed: no list holds
// every deed, and whoever was hurt may tell it in words that no list has.
type turn struct {
	since  wordSet // since, after, because
	but    wordSet
	lately wordSet // an hour or a day
	me     wordSet
	deed   wordSet // what is done to people for who they are
}

// toADeed says whether a folded text turns to what was done: a deed is named; or, in one sentence, something befell the writer
// since or because; or but of late something happened.
func (t turn) toADeed(s string) bool {
	if t.deed.in(s) {
		return true
	}
	for start, end := range sentences(s) {
		part := s[start:end]
		if t.since.in(part) && t.me.in(part) {
			return true
		}
		for at := range t.but.of(part) {
			if t.lately.in(part[at:min(len(part), at+soonAfter)]) {
				return true
			}
		}
	}
	return false
}

// soonAfter is how many bytes after a "but" the day stands, if it is what the "but" leads to.
const soonAfter = 32

// wordSet are folded words or phrases, with "*" the beginnings of words; in Chinese and Japanese they are found within a run of
// letters too.
type wordSet []string

// turns are the words by language. Written by a language model; a native speaker's corrections are welcome.
var turns = sync.OnceValue(func() map[string]turn {
	words := func(s string) (all wordSet) {
		for w := range strings.SplitSeq(s, "|") {
			stem, begins := strings.CutSuffix(w, "*")
			if stem = fold.New(stem).Folded; begins {
				stem += "*"
			}
			all = append(all, stem)
		}
		return all
	}
	t := map[string]turn{}
	for lang, of := range map[string][5]string{
		"en": {"since|after|because|ever since|until", "but|however|yet|still|though|all the same|even so|nevertheless",
			"last night|yesterday|today|tonight|tomorrow|this morning|this evening|on friday|on saturday|on sunday|on monday|last week|just now|the other day",
			"me|us|my|our",
			"evict*|thrown out|threw|kicked out|changed the locks|turned away|sent away|refused to treat|unpaid|not paid|hasn't paid|haven't been paid|wages|missing|vanished|disappeared|outed|dragged|shoved|pushed|spat|stones|bruise*|bleed*|limp*|crying|locks her|locks him|locked in|won't let|took her passport|passports|scared to|afraid to|disguise the marks|smashed|slashed|broke her|broke his|broke my|hit him|hit her|forced to|made to"},
		"de": {"seit|seitdem|nachdem|weil", "aber|trotzdem|doch|dennoch|nur|jedoch|allerdings",
			"gestern|heute|heute nacht|morgen|heute früh|letzte nacht|am freitag|am samstag|am sonntag|letzte woche|vorhin|neulich|nachts",
			"mich|mir|uns|mein|meine|meinem|meinen|meiner|unser|unsere",
			"gekündigt|rausgeworfen|hinausgeworfen|schloss ausgetauscht|schlösser|abgewiesen|weggeschickt|nicht behandelt|lohn|nicht bezahlt|zahlt|verschwunden|vermisst|geoutet|geschleift|gezerrt|gestoßen|geschubst|bespuckt|angespuckt|steine|blut*|verletz*|weint|eingesperrt|sperrt|lässt sie nicht|lässt ihn nicht|reisepass|pässe|traut sich nicht|eingeschlagen*|zerschlagen|zerstochen|gebrochen|gezwungen|zwingt|geprügelt|prügel*|getreten"},
		"fr": {"depuis|depuis que|après|parce que|parce qu", "mais|pourtant|cependant|or|toutefois|quand même",
			"hier|cette nuit|aujourd'hui|demain|ce matin|ce soir|samedi|dimanche|vendredi|lundi|la nuit dernière|la semaine dernière|l'autre jour",
			"me|moi|nous|mon|ma|mes|notre|m",
			"expuls*|mis dehors|mise dehors|jeté|jetée|jetés|changé la serrure|changé les serrures|refusé de soigner|refusent de soigner|pas payé|pas payés|salaire*|disparu|disparue|outé|outée|traîné|traînée|poussé|poussée|craché|pierres|bleus|saign*|pleure|enferm*|empêche de sortir|passeport*|n'ose plus|cassé|cassée|lacéré*|crevé|forcé|forcée|oblig*|frapp*|tabass*|relevé pas"},
		"es": {"desde que|desde|después de|porque|por ser", "pero|sin embargo|aun así|ahora bien|no obstante",
			"ayer|anoche|hoy|mañana|esta noche|esta mañana|el sábado|el domingo|el viernes|la semana pasada|el otro día|por las noches",
			"me|mí|nos|nosotros|mi|mis|nuestra|nuestro|conmigo",
			"desahuci*|desaloj*|echaron|echado|cambió la cerradura|cambiaron la cerradura|no quisieron atender|se negaron a atender|no le pagan|no les paga|no me pagan|sueldo*|salario*|desaparec*|arrastr*|empuj*|escup*|pedradas|piedras|moret*|sangr*|llorando|encerr*|no la deja|no le deja|no me deja|pasaporte*|no se atreve|rompieron|rompió|rajaron|pincharon|obliga*|golpe*|pegan|pegaron|paliza*|arranc*|tiraron"},
		"pt": {"desde que|desde|depois que|depois de|porque|por ser", "mas|porém|contudo|só que|no entanto|mesmo assim",
			"ontem|ontem à noite|hoje|hoje à noite|amanhã|esta noite|esta manhã|no sábado|no domingo|na sexta|semana passada|outro dia",
			"me|mim|nos|minha|meu|minhas|meus|nossa|nosso",
			"despej*|expuls*|trocou a fechadura|mudou a fechadura|não atendem|recusaram atender|não paga|não pagam|salário*|desaparec*|sumiu|arrast*|empurr*|cuspi*|pedradas|pedras|hematoma*|sangr*|chorando|chora|tranc*|prend*|não deixa|passaporte*|não se atreve|quebraram|quebrou|rasgaram|furaram|obrig*|bater|bateram|surra*|espanc*|agred*"},
		"ru": {"с тех пор|после|после того|потому что|как только|из-за того", "но|однако|зато|всё же|тем не менее",
			"вчера|ночью|сегодня|завтра|утром|вечером|в субботу|в воскресенье|в пятницу|на прошлой неделе|на днях",
			"меня|мне|мной|нас|нам|мой|моя|моего|моей|моему|моих|наш|нашу|нашей|мою",
			"высел*|выгнал*|выброс*|сменил* замок|сменили замки|отказал*|не приняли|не платит|не платят|зарплат*|пропал*|исчез*|тащил*|толкнул*|толкают|плюн*|плюют|камн*|синяк*|кров*|плачет|запер*|запир*|не выпускает|не выпускают|паспорта держ*|боится выйти|сломал*|разбил*|порезал*|заставля*|избил*|избив*|бьют|бьёт|ударил*|подожг*|поджёг"},
		"ar": {"منذ|بعد أن|بعدما|لأن|لأنه|لأنها|لأنهم|لأننا|لأنني|من يوم ما", "لكن|ولكن|لكنهم|بس|إلا أن|غير أن",
			"أمس|البارحة|مبارح|اليوم|الليلة|ليلة أمس|غدا|بكرا|هذا الصباح|يوم الجمعة|الأسبوع الماضي",
			"أنا|نحن|لي|لنا|علي|علينا|بي|بنا|بيتي|بيتنا|أولادي|أخي|أختي|ابني|ابنتي|زملائي|زوجي|زوجتي",
			"طرد|طردوا|طردوه|طردوها|طردونا|غير القفل|غيروا القفل|رفضوا علاج*|رفض علاج*|رفض المستوصف|رفض المستشفى|لم يدفع*|أجورهم|رواتبهم|راتبه|اختفى|اختفت|مفقود|جروه|جروها|سحلوه|سحلوها|دفعوه|دفعوها|بصقوا|حجارة|كدمات|ينزف|تنزف|تبكي|يبكي|حبسوه|حبسوها|يحبسون*|يحبسها|يمنعها|جوازاتهم|تخاف أن تخرج|كسروا|مزقوا|أجبروا|يجبر*|ضربوا*|يضرب*"},
		"zh-Hans": {"自从|自打|以后|之后|因为|就因为|以来", "但是|但|不过|可是|然而|只是",
			"昨晚|昨天|昨夜|今天|今晚|今早|明天|刚才|前天|这几天|上周|半夜",
			"我|我们|俺",
			"赶出|赶走|扔到|换了锁|换锁|拒收|不肯收|不给治|拒绝治疗|工钱|不发工资|拖欠|欠薪|失踪|不见了|拖到|拖着|推倒|推下|吐口水|扔石头|淤青|流血|是血|在哭|关在|锁在|不让出门|扣了护照|扣押|不敢出门|砸|划破|打断|强迫|逼着|逼她|逼他|挨打|打伤|殴打|打了|踢了"},
		"ja": {"てから|で以来|て以来|からは|ために|という理由で|だから", "でも|しかし|けれど|ですが|だが|それでも|ただ",
			"昨夜|昨日|きのう|ゆうべ|今日|今夜|今朝|明日|さっき|先日|先週",
			"私|僕|俺|わたし|うち|自分|われわれ|私たち",
			"追い出|締め出|鍵を替え|鍵を変え|診てもらえ|診察を断|治療を断|給料を払わ|賃金を払わ|未払い|行方不明|いなくなっ|消えた|引きず|突き飛ば|突き落と|唾を|石を投げ|あざ|血が|血を|泣いて|閉じ込め|外に出さ|外出させ|パスポートを|怖くて|壊され|割られ|切られ|折られ|無理やり|強制され|殴|蹴ら|暴力"},
		"hi": {"जब से|तब से|के बाद|क्योंकि|इसलिए", "लेकिन|मगर|पर|किंतु|परंतु|फिर भी",
			"कल|कल रात|आज|आज रात|परसों|आज सुबह|पिछले हफ्ते",
			"मुझे|मुझको|हमें|मेरा|मेरी|मेरे|हमारा|हमारी|हमारे|मुझ",
			"निकाल दिया|बेदखल|ताला बदल*|भर्ती नहीं|इलाज नहीं|इलाज से मना|मजदूरी|वेतन नहीं|तनख्वाह नहीं|गायब|लापता|घसीट*|धक्का|थूक*|पत्थर*|चोट*|खून|रो रही|रो रहा|बंद कर दिया|बंद रखा|बाहर नहीं निकलने|पासपोर्ट|डर के मारे|तोड़ दिया|तोड़ दी|फाड़ दिया|जबरन|जबरदस्ती|पीट*|मारा|मारते|मार रहे"},
	} {
		t[lang] = turn{words(of[0]), words(of[1]), words(of[2]), words(of[3]), words(of[4])}
	}
	return t
})

// in says whether one of the words stands in a folded text.
func (w wordSet) in(s string) bool {
	for range w.of(s) {
		return true
	}
	return false
}

// of gives where in a folded text each of the words ends.
func (w wordSet) of(s string) iter.Seq[int] {
	return func(yield func(end int) bool) {
		for _, word := range w {
			word, begins := strings.CutSuffix(word, "*")
			for at := 0; ; {
				i := strings.Index(s[at:], word)
				if i < 0 {
					break
				}
				start := at + i
				if at = start + len(word); whole(s, start, at, begins) && !yield(at) {
					return
				}
			}
		}
	}
}

// whole says whether s[start:end] is no part of a longer word, or begins one, in what is written with blanks between words.
func whole(s string, start, end int, begins bool) bool {
	first, _ := utf8.DecodeRuneInString(s[start:])
	if fold.Dense(first) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	return (start == 0 || !fold.Word(before)) && (begins || end == len(s) || !fold.Word(after))
}
