package details

import "regexp"

// These take names by the words that stand with them: a title before a person, a kind of street or place, a legal form
// after a firm. Names without such words are not found here.
var (
	placeBefore = regexp.MustCompile(`(?:^|[^\p{L}])((?:rue|avenue|boulevard|bd|place|quai|impasse|chemin|allée|cité|calle|avenida|av\.|plaza|paseo|barrio|colonia|carretera|rua|travessa|praça|largo|vila|bairro|rodovia|ул\.|улица|улице|проспект|проспекте|переулок|площадь|площади|шоссе|شارع|حي|ميدان|طريق|جسر|مدينة|قرية|حارة)(?: (?:de la|de l'|des|de los|de las|du|de|del|da|do|dos|das|d'))? ?(?:[\p{Lu}][\p{L}'’-]+(?:[ -](?:de |du |des |la |le |los |sur |sous )?[\p{Lu}][\p{L}'’-]+){0,3}|\p{Arabic}+))`)
	placeAfter  = regexp.MustCompile(`(?:[0-9]{1,4} )?(?:[\p{Lu}][\p{L}'’-]+ ){1,3}(?:Street|St|Road|Rd|Lane|Avenue|Ave|Drive|Close|Court|Park|Square|Bridge|Station|Hill|Row|Rise|Terrace|Gardens|Crescent|County|Hospital|Airport|Harbour|Beach|Mall|Estate|Market|Way|Walk|Mews|Quay|Wharf|Place|Boulevard|Highway|Plaza|Tower|River|Lake|Brook|Creek|Valley)\b`)
	placeGerman = regexp.MustCompile(`\b[\p{Lu}][\p{L}-]*(?:straße|strasse|weg|platz|gasse|allee|brücke|ufer|damm|steig|markt|bahnhof|stadt|hausen|heim|dorf|burg)\b(?: [0-9]{1,4}[a-z]?)?`)
	placeHan    = regexp.MustCompile(`\p{Han}{2,4}(?:小区|社区|花园|大厦|广场|工业区|工业园|物流园|开发区|菜市场|采石场|火车站|地铁站|大学|中学|小学|幼儿园|医院|公园|大桥|水库|路|街|大道|巷|胡同|桥|河|湖|村|镇|县|区|市|省|寺|庙|苑|湾|港)(?:[0-9一二三四五六七八九十]{1,4}(?:号楼|号|栋|幢|期|弄))?(?:小学|中学|医院)?`)
	placeJapan  = regexp.MustCompile(`[\p{Han}\p{Katakana}]{2,5}(?:市|区|町|村|県|駅|公園|病院|小学校|中学校|橋|川|通り|丁目|港|商店街)`)

	personTitled = regexp.MustCompile(`\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sgt|Councillor|Officer|Captain|Sir|Mme|M\.|Mlle|Monsieur|Madame|Herr|Frau|Señor|Señora|Sr|Sra|Don|Doña|Senhor|Senhora|Seu|Dona|Dr|Dra)\.? [\p{Lu}][\p{L}'’-]+(?: [\p{Lu}][\p{L}'’-]+){0,2}`)
	personCalled = regexp.MustCompile(`(?:\b(?:called|named|calls himself|calls herself|goes by|name is|boss|foreman|manager|call him|call her|un certain|se llama|llamado|llamada|s'appelle|nommé|nommée|heißt|namens|chama|chamado|chamada)|зовут|по имени|اسمه|اسمها|واحد اسمه) ((?:[\p{Lu}][\p{L}'’-]+)(?: [\p{Lu}][\p{L}'’-]+){0,2}|\p{Arabic}+)`)
	personRussia = regexp.MustCompile(`(?:майор|капитан|полковник|следователь|инспектор|господин|госпожа|врач|директор) [\p{Lu}][\p{L}-]+(?: [\p{Lu}][\p{L}-]+)?`)
	personHan    = regexp.MustCompile(`[沈赵钱孙李周吴郑王冯陈卫蒋韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦马苗方任袁柳唐薛雷贺倪汤罗毕郝安常于傅皮齐康伍余顾孟黄穆萧尹姚邵汪毛狄宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包石崔吉龚程裴陆翁甄曲封段侯武刘景龙叶黎白邬池温庄闫连易阎向古尚](?:老师|经理|主任|局长|书记|总|某某|某|队长|医生|科长|校长|师傅|老板)`)

	organisation = regexp.MustCompile(`(?:[\p{Lu}][\p{L}0-9&'’-]+ ){1,4}(?:Ltd|Limited|Inc|LLC|PLC|plc|GmbH|AG|KG|S\.A\.|SA|SARL|S\.L\.|SL|Ltda|LTDA|Corp|Corporation|Company|Co\.|Bank|Catering|Buses|Consulting|Holdings|Group|Foods|Logistics|Pharmacy|Infirmary|Clinic|University|Council|Ministry|Foundation|Church|Temple|Mosque|Hotel|Restaurant|Noodle House|Airlines|Insurance|Construction|Energy|Lodge|Enforcement|Telecom|Broadband)\b|[\p{Lu}][\p{L}]+ & (?:[\p{Lu}][\p{L}]+|Sons)|(?:ООО|ОАО|ЗАО|АО|ИП) ?[«"]?[\p{L} -]{2,30}[»"]?|\p{Han}{2,6}(?:有限公司|公司|集团|银行|农商行|食品|梯业|石业|染整|物业|酒店|超市|药房|托管班|工厂|厂)|(?:株式会社|有限会社)[\p{Han}\p{Katakana}\p{Hiragana}]{2,8}|[\p{Han}\p{Katakana}\p{Hiragana}]{2,8}(?:株式会社|電機|製作所|工業|建設|銀行)|شركة \p{Arabic}+`)
)

// names finds places, persons and organisations by the words that stand with them.
func (f *finder) names() {
	o := f.t.Original
	whole := func(kind string, re *regexp.Regexp, rank int) {
		for _, m := range re.FindAllStringIndex(o, atMost) {
			f.addOriginal(kind, m[0], m[1], rank)
		}
	}
	group := func(kind string, re *regexp.Regexp, rank int) {
		for _, m := range re.FindAllStringSubmatchIndex(o, atMost) {
			f.addOriginal(kind, m[2], m[3], rank)
		}
	}
	switch f.lang {
	case "zh", "yue":
		whole("organisation", organisation, 42)
		f.han(o)
		whole("person", personHan, 45)
	case "ja":
		whole("organisation", organisation, 42)
		whole("place", placeJapan, 40)
	default:
		whole("organisation", organisation, 42)
		group("place", placeBefore, 40)
		whole("place", placeAfter, 41)
		whole("person", personTitled, 45)
		group("person", personCalled, 44)
		if f.lang == "de" {
			whole("place", placeGerman, 40)
		}
		if f.lang == "ru" {
			whole("person", personRussia, 44)
		}
	}
}

// leading are characters that stand before a Chinese place name but are no part of it.
var leading = regexp.MustCompile(`^(?:[在到去从往是的就那这我们家你他她它把被给和与跟及或里外上下前后昨今明晚早天有个了]|隔壁|附近|位于|来自|住在|就在|听说|请问|旁边|对面|城里|村里)+`)

// han adds Chinese places without the function words that run into them.
func (f *finder) han(o string) {
	for _, m := range placeHan.FindAllStringIndex(o, atMost) {
		start := m[0]
		if l := leading.FindString(o[m[0]:m[1]]); len(l) < m[1]-m[0]-5 {
			start += len(l)
		}
		f.addOriginal("place", start, m[1], 40)
	}
}
