package details

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Chinese and Japanese have neither capitals nor blanks: a name is found by what it ends in ("…路", "…有限公司"), going
// back to where it must begin, or by what leads to it ("叫…").

// ending is what names of a kind end in.
type ending struct {
	kind string
	text string
}

// endings by their first character.
var endings = func() map[rune][]ending {
	m := map[rune][]ending{}
	for kind, list := range map[string]string{
		"place": "小区 社区 花园 大厦 广场 工业区 工业园 物流园 产业园 科技园 开发区 新区 菜市场 市场 采石场 火车站 地铁站 汽车站 车站 大学 学院 中学 小学 学校 幼儿园 医院 卫生院 公园 大桥 立交桥 水库 码头 机场 " +
			"路 街 大道 大街 巷 胡同 桥 河 湖 江 山 岛 村 镇 乡 县 区 市 省 寺 庙 教堂 清真寺 苑 宿舍 公寓 酒吧街 商店街 駅 公園 病院 小学校 中学校 高校 橋 川 通り 丁目 港 町 県 府 商店 团地 団地",
		"organisation": "有限责任公司 股份有限公司 有限公司 分公司 公司 集团 银行 农商行 信用社 食品 财富 资本 金融 投资 科技 物流 快递 建设 置业 物业 环保 化工 药业 制药 电子 电器 电梯 梯业 石业 染整 机械 纺织 家具 " +
			"旅行社 驾校 托管班 培训班 补习班 面馆 饭店 餐厅 酒楼 火锅店 烧烤店 超市 商场 酒店 宾馆 药房 药店 诊所 养老院 保险 证券 基金会 协会 商会 牌 株式会社 電機 製作所 工業 建設 銀行 商事 運輸 組合 APP app",
	} {
		for text := range strings.FieldsSeq(list) {
			first, _ := utf8.DecodeRuneInString(text)
			m[first] = append(m[first], ending{kind, text})
		}
	}
	return m
}()

const (
	// breaks end the way back from a name's ending: a name has none of these inside.
	breaks = "在到去从往是的于离住把被给让叫说你我他她它们这那哪某每各该此其就都也还又很没有了着过吗呢吧啊和与跟及或、来起看见听请问想要将向对为以后个家所间座条位名只几两些次卖买天晚早"
	// Characters of breaks that begin names all the same, where otherwise too little is left: 和悦苑, 后浦村.
	mayBegin    = "和与后向来高新天"
	longestName = 5 // characters before the ending
)

// generic are words before an ending that name nothing.
var generic = wordSet("维保 物业 保安 装修 搬家 运输 附近 隔壁 对面 旁边 楼下 楼上 城里 村里 市 全 本 外 上 下 大 小 老 新 同一 整 人民 政府 建筑 食品 快递 房产 中介 外卖 网络 电信 保险 贷款 投资 分 总 子 一 二 三 双 十字 马 走 公 铁 高速 网 道 出 修 半 上游 下游 农贸 社 郊 校 景 山 地 学 居民 行政 小 片 辖 城 县 乡 我市 都 购物 大型 连锁 连 楼 自来水 私人 公立 民营 民 过 品 车 门 招 路 黑 金 奖 名 打 扑克 国 银 相关 当地 本地 火 危险 安全 会社 の 上学 上班 下班 放学 回家 断头 冒充 女生 男生 学校 刷脸 清真 养老 单位 我们 往外 通学 駅前 尋常 务工 宠物")

// hanSet is a set of characters: a bit for each below its end.
type hanSet [0xD800 / 64]uint64

func newHanSet(of string) *hanSet {
	var s hanSet
	for _, r := range of {
		s[r/64] |= 1 << (r % 64)
	}
	return &s
}

func (s *hanSet) has(r rune) bool {
	return uint32(r) < 64*uint32(len(s)) && s[r/64]>>(r%64)&1 != 0
}

var (
	families = newHanSet(familyNames)
	breaking = newHanSet(breaks)
	// leading are the characters that han looks at closer: the first of endings, family names, and what leads to a name.
	leading = func() *hanSet {
		of := familyNames + "の叫名姓"
		for first := range endings {
			of += string(first)
		}
		return newHanSet(of)
	}()
)

// han finds names in a text of Chinese or Japanese.
func (f *finder) han(o string) {
	lastKind, lastStart, lastEnd, floor := "", 0, -1, 0
	add := func(kind string, start, end, rank int) {
		if kind == "place" && lastKind == "place" && start == lastEnd && widens(o[:lastEnd]) { // 临澄市 + 第三医院
			start = lastStart
		}
		f.addOriginal(kind, start, end, rank)
		lastKind, lastStart, lastEnd, floor = kind, start, end, end
	}
	for i := 0; i < len(o); {
		r, size := utf8.DecodeRuneInString(o[i:])
		if !leading.has(r) {
			i += size
			continue
		}
		best := ""
		kind := ""
		for _, e := range endings[r] {
			if len(e.text) > len(best) && strings.HasPrefix(o[i:], e.text) {
				best, kind = e.text, e.kind
			}
		}
		if best == "" {
			if r == 'の' {
				f.japanese(o, i)
			}
			if r == '叫' || r == '名' || r == '姓' {
				f.called(o, i)
			}
			if families.has(r) {
				f.titled(o, i)
			}
			i += size
			continue
		}
		end := i + len(best)
		if start := f.nameStart(o, floor, i, kind == "place" && i == lastEnd && lastKind == "place" && widens(o[:lastEnd])); start >= 0 && !misread(o, start, i, end, best) {
			switch {
			case best == "牌" || best == "APP" || best == "app":
				add(kind, start, i, 42)
			case kind == "place":
				add(kind, start, houseEnd(o, end), 40+min(utf8.RuneCountInString(best)-1, 1))
			default:
				add(kind, start, end, 42)
			}
		}
		if i = end; kind == "organisation" {
			floor = max(floor, end)
		}
	}
}

// widens says whether a place that s ends in may be a part of the name after it.
func widens(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("省市县縣区區镇鎮乡村路街府町", r)
}

// nameStart goes back from an ending at i to where the name begins; -1 where nothing is left that names. A name that
// follows another of its kind ("…市第三医院") may be of any length.
func (f *finder) nameStart(o string, floor, i int, follows bool) int {
	start, n := i, 0
	for n < longestName && start > floor {
		r, size := utf8.DecodeLastRuneInString(o[:start])
		if !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Katakana, r) && r != 'ー' && !(r < 0x80 && unicode.IsLetter(r) && (n == 0 || o[start] < 0x80)) {
			break
		}
		if r < 0x80 { // "Plumwick面馆"
			for start > 0 && o[start-1] < 0x80 && (unicode.IsLetter(rune(o[start-1])) || o[start-1] == '-' || o[start-1] == '\'') {
				start--
			}
			n = longestName
			break
		}
		if breaking.has(r) {
			if n < 2 && strings.ContainsRune(mayBegin, r) && n > 0 {
				start -= size
				n++
			}
			break
		}
		start -= size
		n++
	}
	for again := true; again; {
		again = false
		for _, aside := range [...]string{"上游", "下游", "附近", "隔壁", "对面", "旁边", "门口", "位于", "来自", "地址", "城里", "村里", "中文"} {
			if strings.HasPrefix(o[start:i], aside) {
				start, again = start+len(aside), true
				n -= 2
			}
		}
	}
	name := o[start:i]
	if follows && name == "" {
		return start
	}
	if n < 2 && !follows && !(n == 1 && strings.HasPrefix(o[i:], "市")) || generic[name] || name == "" {
		return -1
	}
	for word := range generic {
		if len(word) >= 6 && strings.HasSuffix(name, word) && len(name)-len(word) < 6 {
			return -1
		}
	}
	return start
}

// misread says that an ending is another word's beginning or that the whole is a phrase.
func misread(o string, start, i, end int, text string) bool {
	rest := o[end:]
	switch text {
	case "路":
		return startsWithAny(rest, "上", "过", "口", "边", "人", "面", "灯", "费", "线") && utf8.RuneCountInString(o[start:i]) < 2 || strings.HasSuffix(o[:i], "铁") || strings.HasSuffix(o[:i], "公") || strings.HasSuffix(o[:i], "跑")
	case "区":
		return startsWithAny(rest, "别", "分", "号", "域")
	case "市":
		return startsWithAny(rest, "场", "民", "值", "价", "面")
	case "寺", "庙":
		return startsWithAny(rest, "会")
	case "山", "江", "河", "岛", "湖", "镇", "港", "府":
		return startsWithAny(rest, "水", "静", "定", "里", "边", "上") && utf8.RuneCountInString(o[start:i]) < 2
	case "牌":
		return startsWithAny(rest, "照", "子", "号") || strings.HasSuffix(o[:i], "车") || strings.HasSuffix(o[:i], "品")
	case "食品", "投资", "保险", "电梯", "物业", "快递", "建设", "科技", "金融", "电子", "证券", "物流", "环保", "化工", "电器", "机械", "家具":
		return utf8.RuneCountInString(o[start:i]) > 3 || startsWithAny(rest, "安全", "费", "柜", "员", "厅", "门", "井", "公司", "车")
	case "市场", "学校", "学院", "超市", "商场", "商店":
		return utf8.RuneCountInString(o[start:i]) < 2
	}
	return false
}

// houseEnd goes on from a place that ends at i over a number of house, block or floor: "12号楼", "三栋", "C区".
func houseEnd(o string, i int) int {
	j := i
	for n := 0; n < 5 && j < len(o); n++ {
		r, size := utf8.DecodeRuneInString(o[j:])
		if r >= '0' && r <= '9' || strings.ContainsRune("一二三四五六七八九十", r) {
			j += size
			continue
		}
		break
	}
	if j == i {
		return i
	}
	for _, unit := range [...]string{"号楼", "号院", "号", "栋", "幢", "座", "期", "弄", "丁目", "番地", "村"} {
		if strings.HasPrefix(o[j:], unit) {
			return j + len(unit)
		}
	}
	return i
}

// familyNames are the commonest Chinese family names.
const familyNames = "沈赵钱孙李周吴郑王冯陈卫蒋韩杨朱秦许何吕张孔曹严金魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦马苗方任袁柳唐薛雷贺倪汤罗毕郝安常于傅皮齐康伍余顾孟黄穆萧尹姚邵汪毛狄宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包石崔吉龚程裴陆翁甄曲封段侯武刘景龙叶黎白邬池温庄闫连易阎向古尚孫陳劉張趙吳鄭馮蔣韓楊許呂嚴魏謝鄒蘇範魯韋馬湯羅賀顧蕭龐紀董藍賈"

// titled finds a family name with what a person is or does after it: 沈老师, 王经理, 李某.
func (f *finder) titled(o string, i int) {
	_, size := utf8.DecodeRuneInString(o[i:])
	rest := o[i+size:]
	for _, title := range [...]string{"某某", "某", "老师", "经理", "主任", "局长", "书记", "队长", "医生", "科长", "校长", "师傅", "老板", "总", "先生", "女士", "小姐", "阿姨", "处长", "厂长", "村长", "镇长", "市长", "院长", "所长", "警官", "姓男子", "姓女子", "姐", "哥", "さん", "氏"} {
		if strings.HasPrefix(rest, title) {
			f.addOriginal("person", i, i+size+len(title), 45)
			return
		}
	}
	if f.lang == "ja" {
		return
	}
	for _, before := range [...]string{"领队", "班长", "老板", "经理", "主任", "局长", "书记", "队长", "医生", "校长", "老师", "邻居", "同事", "男子", "女子", "司机", "房东", "主管", "股东", "法人", "厂长", "村长", "院长", "会计", "护士", "工人", "同学", "朋友", "丈夫", "妻子", "嫌疑人", "负责人", "课长", "課長", "部長", "社長", "店長", "係長"} {
		if strings.HasSuffix(o[:i], before) {
			if end := givenName(o, i); end > 0 {
				f.addOriginal("person", i, end, 44)
			}
			return
		}
	}
}

// givenName gives the end of a name of two or three characters at i, 0 where what follows says that it is none.
func givenName(o string, i int) int {
	end, n := i, 0
	for n < 3 && end < len(o) {
		r, size := utf8.DecodeRuneInString(o[end:])
		if !unicode.Is(unicode.Han, r) || n > 0 && strings.ContainsRune("的了是在把被说让要就都也还又没有不和跟与给到去从打对这那很会能来着过等他她我你将向因为于以人天年月", r) {
			break
		}
		end += size
		n++
	}
	if n < 2 {
		return 0
	}
	return end
}

// called finds the person after 叫, 名叫 or 姓名.
func (f *finder) called(o string, i int) {
	rest := o[i:]
	lead := 0
	for _, word := range [...]string{"名字叫", "名叫", "叫做", "姓名是", "姓名：", "姓名:", "名字是", "叫"} {
		if strings.HasPrefix(rest, word) {
			lead = len(word)
			break
		}
	}
	if lead == 0 {
		return
	}
	at := i + lead
	for _, quote := range [...]string{"“", "\"", "「", " "} {
		if strings.HasPrefix(o[at:], quote) {
			at += len(quote)
		}
	}
	first, size := utf8.DecodeRuneInString(o[at:])
	second, next := utf8.DecodeRuneInString(o[min(len(o), at+size):])
	switch {
	case first == utf8.RuneError || !unicode.Is(unicode.Han, first) || !unicode.Is(unicode.Han, second):
	case strings.ContainsRune("哥姐爷叔总嫂", second):
		f.addOriginal("person", at, at+size+next, 44)
	case strings.ContainsRune("阿老小大", first) && !strings.ContainsRune("师板家人声的", second):
		f.addOriginal("person", at, at+size+next, 44)
	case families.has(first):
		if end := givenName(o, at); end > 0 {
			f.addOriginal("person", at, end, 44)
		}
	}
}

// japanese finds the person after a post and の: 課長の矢来が.
func (f *finder) japanese(o string, i int) {
	for _, post := range [...]string{"課長", "部長", "社長", "店長", "係長", "所長", "主任", "先生", "院長", "会長", "代表", "上司", "同僚", "隣人", "夫", "妻"} {
		if !strings.HasSuffix(o[:i], post) {
			continue
		}
		start := i + len("の")
		end, n := start, 0
		for end < len(o) && n < 4 {
			r, size := utf8.DecodeRuneInString(o[end:])
			if !unicode.Is(unicode.Han, r) {
				break
			}
			end += size
			n++
		}
		if n >= 2 && startsWithAny(o[end:], "が", "は", "を", "に", "も", "と", "、", "さん", "から") {
			f.addOriginal("person", start, end, 44)
		}
		return
	}
}
