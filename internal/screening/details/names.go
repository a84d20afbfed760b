package details

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Names are taken by the words that stand with them: a title before a person, a kind of street or place, a legal form
// after a firm. Names without such words are not found here.

// name is a word of the original text.
type name struct {
	start, end int
	lower      string // folded
	capital    bool
}

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[fold.String(w)] = true
	}
	return m
}

var (
	titles = wordSet("mr mrs ms miss dr prof sgt councillor cllr captain mme mlle monsieur madame herr frau señor señora senhor senhora dona doña майор капитан полковник следователь инспектор господин госпожа")
	calls  = wordSet("called named foreman heißt namens llamado llamada llama s'appelle nommé nommée chamado chamada chama зовут اسمه اسمها")
	ways   = wordSet("rue avenue boulevard place quai impasse allée calle avenida plaza paseo barrio colonia carretera rua travessa praça largo bairro rodovia улица улице ул проспект проспекте переулок площадь шоссе шоссе شارع حي ميدان طريق جسر مدينة قرية حارة الحارة")
	joined = wordSet("de du des la le les los las del da do dos das d l sur sous von der")
	places = wordSet("street st road rd lane avenue ave drive close court park square bridge station hill row rise terrace gardens crescent county hospital airport harbour beach mall estate market way walk mews quay wharf place boulevard highway plaza tower river lake brook creek valley nagar marg chowk")
	firms  = wordSet("ltd limited inc llc plc gmbh ag kg sarl ltda corp corporation company bank catering buses consulting holdings group foods logistics pharmacy infirmary clinic university council ministry foundation church temple mosque hotel restaurant airlines insurance construction energy lodge enforcement telecom broadband larder electronics chemicals motors shipping services solutions")
)

const streetEndings = "straße strasse gasse allee brücke platz bahnhof steig ufer damm"

// names finds places, persons and organisations by the words that stand with them.
func (f *finder) names() {
	switch f.lang {
	case "zh", "yue", "ja":
		f.han()
		return
	}
	o := f.t.Original
	if len(o) > longestNamed {
		o = o[:longestNamed]
	}
	words := split(o)
	for i, w := range words {
		switch {
		case titles[w.lower]:
			f.follow("person", words, i, i, 3, 45)
		case calls[w.lower]:
			f.follow("person", words, i, i+1, 3, 44)
		case ways[w.lower]:
			f.follow("place", words, i, i, 4, 40)
		case w.capital && firms[w.lower]:
			f.precede("organisation", words, i, 4, 42)
		case w.capital && places[w.lower]:
			f.precede("place", words, i, 3, 41)
		case f.lang == "de" && w.capital && w.end-w.start > 7:
			for _, e := range strings.Fields(streetEndings) {
				if strings.HasSuffix(o[w.start:w.end], e) {
					f.addOriginal("place", w.start, w.end, 40)
				}
			}
		}
	}
}

// longestNamed bounds how much of a text is read for names.
const longestNamed = 60_000

// split gives the words of o; apostrophes and hyphens inside belong to them.
func split(o string) []name {
	var out []name
	start := -1
	flush := func(end int) {
		if start >= 0 {
			text := strings.TrimRight(o[start:end], "'’-")
			r, _ := utf8.DecodeRuneInString(text)
			out = append(out, name{start, start + len(text), fold.String(text), unicode.IsUpper(r)})
		}
		start = -1
	}
	for i, r := range o {
		if fold.Word(r) && !fold.Dense(r) || start >= 0 && (r == '\'' || r == '’' || r == '-') {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
	}
	flush(len(o))
	return out
}

// adjacent says whether nothing but blanks (and, after a title, a full stop) stands between two words.
func (f *finder) adjacent(a, b name) bool {
	between := f.t.Original[a.end:b.start]
	return strings.Trim(between, " .") == "" && len(between) <= 2
}

// follow takes the capitalised words after words[i] with everything from words[from] on; Arabic has no capitals, so
// there it is one word.
func (f *finder) follow(kind string, words []name, i, from, most, rank int) {
	last := i
	for j := i + 1; j < len(words) && j <= i+most+2 && f.adjacent(words[j-1], words[j]); j++ {
		if joined[words[j].lower] && !words[j].capital {
			continue
		}
		arabic := words[j].lower[0] >= 0xD8 && words[j].lower[0] <= 0xDB
		if !words[j].capital && !arabic {
			break
		}
		last = j
		if arabic {
			break
		}
		if strings.HasPrefix(f.t.Original[words[j].end:], ".") {
			break
		}
	}
	if last > i && from <= last {
		f.addOriginal(kind, words[from].start, words[last].end, rank)
	}
}

// precede takes the capitalised words before words[i] and itself.
func (f *finder) precede(kind string, words []name, i, most, rank int) {
	first := i
	for j := i - 1; j >= 0 && j >= i-most && words[j].capital && f.t.Original[words[j].end:words[j+1].start] == " "; j-- {
		first = j
	}
	for first < i && opening[words[first].lower] {
		first++
	}
	if first == i {
		return
	}
	start := words[first].start
	if first > 0 && kind == "place" && f.t.Original[words[first-1].end:start] == " " && strings.Trim(words[first-1].lower, "0123456789") == "" {
		start = words[first-1].start // a house number
	}
	f.addOriginal(kind, start, words[i].end, rank)
}

// opening are words that begin a sentence with a capital and are no part of a name.
var opening = wordSet("the a an at in on my our his her their this that from to and but is it i we he she they near by with for of all when where there")

var (
	placeHan     = regexp.MustCompile(`\p{Han}{2,4}(?:小区|社区|花园|大厦|广场|工业区|工业园|物流园|开发区|菜市场|采石场|火车站|地铁站|大学|中学|小学|幼儿园|医院|公园|大桥|水库|路|街|大道|巷|胡同|桥|河|湖|村|镇|县|区|市|寺|苑|宿舍)(?:[0-9一二三四五六七八九十]{1,4}(?:号楼|号|栋|幢|期|弄))?(?:小学|中学|医院)?`)
	placeJapan   = regexp.MustCompile(`[\p{Han}\p{Katakana}]{2,5}(?:市|区|町|村|県|駅|公園|病院|小学校|中学校|橋|川|通り|丁目|港|商店街)`)
	firmHan      = regexp.MustCompile(`\p{Han}{2,4}(?:有限公司|公司|集团|银行|农商行|食品|梯业|石业|染整|酒店|超市|药房|托管班)|(?:株式会社|有限会社)[\p{Han}\p{Katakana}\p{Hiragana}]{2,8}|[\p{Han}\p{Katakana}\p{Hiragana}]{2,8}(?:株式会社|電機|製作所|工業|建設|銀行)`)
	personHan    = regexp.MustCompile(`[沈赵钱孙李周吴郑王冯陈卫蒋韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦马苗方任袁柳唐薛雷贺倪汤罗毕郝安常于傅皮齐康伍余顾孟黄穆萧尹姚邵汪毛狄宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包石崔吉龚程裴陆翁甄曲封段侯武刘景龙叶黎白邬池温庄闫连易阎向古尚](?:老师|经理|主任|局长|书记|某某|某|队长|医生|科长|校长|师傅|老板)`)
	leadingWords = regexp.MustCompile(`^(?:[在到去从往是的就那这我们家你他她它把被给和与跟及或里外上下前后昨今明晚早天有个了让叫卖买吃游啊长一次号别]|隔壁|附近|位于|来自|住在|就在|听说|请问|旁边|对面|城里|村里|应该是|中文叫)+`)
)

// han finds names in Chinese and Japanese, without the function words that run into them.
func (f *finder) han() {
	o := f.t.Original
	if len(o) > longestNamed {
		o = strings.ToValidUTF8(o[:longestNamed], "")
	}
	place := placeHan
	if f.lang == "ja" {
		place = placeJapan
	}
	for _, m := range place.FindAllStringIndex(o, atMost) {
		f.trimmed("place", m[0], m[1], 40)
	}
	for _, m := range firmHan.FindAllStringIndex(o, atMost) {
		f.trimmed("organisation", m[0], m[1], 42)
	}
	if f.lang != "ja" {
		for _, m := range personHan.FindAllStringIndex(o, atMost) {
			f.addOriginal("person", m[0], m[1], 45)
		}
	}
}

// trimmed adds a span less its leading function words, where at least two characters before the kind's own remain.
func (f *finder) trimmed(kind string, start, end, rank int) {
	if l := leadingWords.FindString(f.t.Original[start:end]); len(l) < end-start-8 {
		start += len(l)
	}
	if utf8.RuneCountInString(f.t.Original[start:end]) >= 3 {
		f.addOriginal(kind, start, end, rank)
	}
}
