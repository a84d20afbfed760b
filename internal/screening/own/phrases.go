package own

import (
	"regexp"
	"strings"
)

// The phrases are written as package fold leaves a text: lower case, Latin and Cyrillic marks gone (моё → мое, мой →
// мои), Arabic letter variants unified. Go's \b knows ASCII only, so each is tried where a word begins and ends in a blank
// or sign of its own.

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// longest compiles a pattern that takes all it can, so that the order of its alternatives doesn't matter.
func longest(pattern string) *regexp.Regexp {
	re := regexp.MustCompile(pattern)
	re.Longest()
	return re
}

var (
	// starts are the first words of all phrases.
	starts = set("my i i'm call ring phone text reach contact message email e write me mi yo soy vivo resido llamenme llamadme llamame " +
		"escribanme escribidme escribeme contactenme contactadme contactame localizarme llamarme escribirme contactarme " +
		"mon ma je j'habite appelez contactez joignez ecrivez rappelez o a eu sou meu minha chamo moro ligue liguem liga " +
		"contacte contactem escreva escrevam contactar contatar меня мое мои моя я позвоните звоните пишите напишите перезвоните связаться живу проживаю " +
		"اسمي واسمي انا وانا رقمي ورقمي هاتفي وهاتفي جوالي موبايلي تلفوني بريدي وبريدي ايميلي حسابي رقم ورقم اتصلوا اتصل الاتصال تواصلوا التواصل كلموني راسلوني مراسلتي " +
		"اسكن ساكن ساكنه اعيش اقيم اقطن عنواني وعنواني بيتي منزلي 我 本 打 联 找 加 给 " +
		"mein meine ich rufen ruft ruf erreichen kontaktieren schreiben schreibt मेरा मेरी मेरे मुझे मुझसे मैं mera meri mujhe mujhse 私 自 僕 俺 わ 当 連 连 ご 氏 名")

	// followed is what comes after first words that stand in every other sentence, in whichever language: there most begin no phrase, and to
	// try them all costs more than to fold the text.
	followed = map[string][]string{
		"a": {" meu ", " minha "},
		"o": {" meu ", " minha "},
		"e": {"-mail me"},
		"i": {" am ", " can be ", " live ", " living ", " reside ", " residing ", " stay ", " staying "},
		"me": {
			" llamo", " chamo", " joindre ", " contacter ", " appeler ", " ecrire ", " rappeler ", " liguem ", " ligue ", " liga ", " contacte ",
			" contactem ", " escreva ", " escrevam ", " contactar ", " contatar ",
		},
	}

	particles = set("de da do dos das del la las los le van von der den bin ibn al el bint ben y e")

	// goesOn are words after "my name" in Arabic that are no name.
	goesOn = set("في علي من لان لكي حتي الي لا ولا لاي مع سري سريا مجهول مجهولا مكتوب موجود معروف غير ليس كي ان او وعنواني ورقمي و لم لن لدي عند عندكم لهم لهذا بسبب خوفا هنا هناك है हैं नहीं मत और पर न ना बताना गुप्त hai nahi")

	names = []nameRule{
		{phrase: regexp.MustCompile(`^(?:my (?:full |real |own |first |last )?name(?: is|'s|:)|my surname is|i am called|i'm called)[ :]*`), least: 1},
		{phrase: regexp.MustCompile(`^i(?: am|'m) `), least: 2},
		{phrase: regexp.MustCompile(`^(?:me llamo|mi nombre(?: completo)? es|mi apellido es)[ :]*`), least: 1, unless: regexp.MustCompile(`llamó`)},
		{phrase: regexp.MustCompile(`^(?:yo )?soy `), least: 2},
		{phrase: regexp.MustCompile(`^(?:je m'appelle|je me nomme|je me prenomme|mon (?:pre)?nom(?: complet)? est)[ :]*`), least: 1},
		{phrase: regexp.MustCompile(`^je suis `), least: 2},
		{phrase: regexp.MustCompile(`^(?:(?:eu )?me chamo|chamo-me|(?:o )?meu (?:nome(?: completo)?|apelido) e)[ :]*`), least: 1},
		{phrase: regexp.MustCompile(`^(?:eu )?sou (?:o |a )?`), least: 2},
		{phrase: regexp.MustCompile(`^(?:меня зовут|мое имя|моя фамилия)[ :-]*`), least: 1},
		{phrase: regexp.MustCompile(`^я(?:, | - | )`), least: 2},
		{phrase: regexp.MustCompile(`^(?:و?انا )?و?اسمي (?:الكامل )?(?:هو )?`), least: 1},
		{phrase: regexp.MustCompile(`^(?:mein (?:voller |richtiger )?name (?:ist|lautet)|ich heisse|mein nachname ist)[ :]*`), least: 1},
		{phrase: regexp.MustCompile(`^(?:मेरा (?:पूरा )?नाम|mera (?:poora )?naam)[ :]*`), least: 1},
	}

	// contact is a phrase that a number, an e-mail address or an account of the writer's own follows.
	contact = longest(`^(?:` + strings.Join([]string{
		// English
		`my (?:own |private |personal |home |work |office |direct |contact |new |bank |staff |employee |passport |id |badge |cell |mobile |phone |telephone |whatsapp )*` +
			`(?:number|phone|telephone|mobile|cell|cellphone|e-?mail|mail|whatsapp|telegram|signal|wechat|skype|passport|id|badge|account|iban|plate)(?: (?:number|address|no|account|plate))?(?: is| was)?`,
		`(?:call|ring|phone|text|reach|contact|message|e-?mail|write to) me(?: back| please| any time| directly)?(?: (?:at|on|under|via|by|through|here))+(?: my)?(?: (?:number|phone|mobile|e-?mail))?`,
		`i can be (?:reached|contacted)(?: by [a-z]+)?(?: (?:at|on|under|via))`, `i(?: am|'m) (?:reachable|available) (?:at|on|under)`,
		// Spanish
		`mi (?:propio |nuevo )?(?:numero|telefono|movil|celular|correo|e-?mail|mail|whatsapp|telegram|dni|nie|pasaporte|cuenta|matricula|usuario|cedula)(?: (?:de (?:telefono|movil|celular|contacto|whatsapp|cuenta|identidad|empleado)|electronico|personal|particular|movil))*(?: es)?`,
		`(?:llamenme|llamadme|llamame|escribanme|escribidme|escribeme|contactenme|contactadme|contactame|localizarme|llamarme|escribirme|contactarme)(?: (?:al|a|en|por|mediante))(?: (?:el|mi|este|numero|telefono|movil|correo))*`,
		// French
		`(?:mon|ma) (?:numero|telephone|portable|mobile|fixe|tel|e-?mail|mail|courriel|adresse (?:e-?mail|mail|electronique)|boite mail|whatsapp|telegram|iban|compte|matricule|passeport|plaque)(?: (?:de (?:telephone|portable|mobile|compte|passeport|securite sociale)|personnel|professionnel|perso))*(?: est| c'est)?(?: le)?`,
		`(?:(?:appelez|contactez|joignez|ecrivez|rappelez)-moi|me (?:joindre|contacter|appeler|ecrire|rappeler)|je suis joignable)(?: (?:au|a|sur|par|via))(?: (?:le|mon|numero|portable|mail|telephone|l'adresse))*`,
		// Portuguese
		`(?:o |a )?(?:meu|minha) (?:numero|telefone|telemovel|celular|e-?mail|correio|whatsapp|zap|telegram|nif|cpf|rg|passaporte|contacto|contato|conta|matricula|placa)(?: (?:de (?:telefone|telemovel|celular|contacto|contato|whatsapp)|eletronico|pessoal))*(?: e)?(?: o)?`,
		`(?:(?:liguem?|contactem?|escrevam?|escreva)-me|me (?:liguem|ligue|liga|contacte|contactem|escreva|escrevam|contactar|contatar)|(?:contactar|contatar)-me)(?: (?:para|no|na|pelo|pela|por|em|ao))(?: (?:o|a|meu|numero|telefone|e-?mail))*`,
		// Russian
		`(?:мои|моя|мое) (?:личныи |личная |рабочии |домашнии |мобильныи |контактныи |электронныи |электронная )*(?:номер|телефон|тел|мобильныи|сотовыи|почта|e-?mail|емеил|имеил|адрес (?:электроннои )?почты|телеграмм?|ватсап|whatsapp|telegram|паспорт|счет|аккаунт)(?: (?:телефона|мобильного|паспорта|счета|карты))?(?: это)?`,
		`(?:(?:позвоните|звоните|пишите|напишите|перезвоните) мне|связаться со мнои(?: можно)?)(?: (?:на|по|в))(?: (?:номер|номеру|телефон|телефону|почту|почте|адрес|адресу|этот|телеграм|телеграме))*`,
		// Arabic
		`و?(?:رقمي|هاتفي|جوالي|موبايلي|تلفوني|بريدي|ايميلي|حسابي|رقم (?:هاتفي|جوالي|موبايلي|تلفوني|حسابي|جوازي|بطاقتي|هويتي))(?: (?:الشخصي|الالكتروني|الخاص))*(?: (?:هو|هي))?`,
		`(?:(?:اتصلوا|اتصل|الاتصال) بي|(?:تواصلوا|التواصل) معي|كلموني|راسلوني|مراسلتي)(?: (?:علي|عبر))(?: (?:الرقم|رقم|رقمي|هاتفي|بريدي|البريد|التالي))*`,
		// German
		`(?:mein|meine) (?:private |persönliche |neue |eigene |dienstliche )*(?:nummer|telefonnummer|telefon|handynummer|handy|mobilnummer|e-?mail|e-?mail-adresse|mailadresse|konto|kontonummer|iban|ausweisnummer|personalnummer|kennzeichen|whatsapp|telegram)(?: (?:ist|lautet|war))?(?: die)?`,
		`(?:(?:rufen sie|ruft|ruf|erreichen sie|kontaktieren sie|schreiben sie|schreibt) (?:mich|mir)(?: bitte)?(?: an)?|ich bin (?:erreichbar|zu erreichen))(?: (?:unter|auf|an|über|per))(?: (?:der|meiner|folgender|nummer|e-?mail))*`,
		// Hindi, also in Latin letters
		`मेर[ाीे] (?:मोबाइल |मोबाईल |फोन |फ़ोन |व्हाट्सएप |संपर्क |निजी |ईमेल |बैंक |खाता |आधार )*(?:नंबर|नम्बर|फोन|फ़ोन|मोबाइल|ईमेल|खाता|आईडी)(?: (?:नंबर|आईडी|पता|है|यह है))*`,
		`मुझ(?:े|से) (?:इस |नीचे दिए )*(?:नंबर |मोबाइल )?(?:पर )?(?:कॉल करें |फोन करें |संपर्क करें )?`,
		`mer[ai] (?:mobile |phone |whatsapp |email )*(?:number|no|phone|mobile|email|id)(?: hai| ye hai)?`, `mujh(?:e|se) (?:is )?(?:number |no )?(?:pe |par )?(?:call karo |phone karo )?`,
		// Japanese
		`(?:(?:私|僕|俺|自分|わたし|当方)の|ご?[连連]络先は?)(?:电话番号|电话|携帯番号|携帯电话|携帯|番号|メールアドレス|メール|连络先|口座番号|口座)?(?:は|が)?`,
		// Chinese
		`(?:我|本人)的?(?:个人|私人|联系|新)?的?(?:手机号码|手机号|手机|电话号码|电话|联系电话|联系方式|号码|邮箱|电子邮箱|电子邮件|电邮|微信号|微信|qq号?|身份证号码|身份证号|身份证|护照号?|工号|车牌号?|银行卡号?|账号)(?:地址)?是?`,
		`(?:打给我|联系我|找我|加我|给我(?:打电话|发邮件|发微信)|打我(?:电话|手机))[,:]?(?:请|可以|用|拨打|打|发到|微信|电话|手机|邮箱|号码|[,:])*`,
	}, "|") + `)[ .:=#-]*`)

	// said is a number or an address just before "is my number".
	said = regexp.MustCompile(`(\+?[0-9][0-9 ()-]{4,}[0-9]|[a-z0-9._+-]+@[a-z0-9.-]+\.[a-z]+)(?: (?:is|es|est|e o|e|это|-|هو) | - |是| 是)$`)

	anyNumber = regexp.MustCompile(`^\+?\(?[0-9][0-9 ()./-]{4,24}[0-9]`)

	// home is a phrase that the place where the writer lives follows.
	home = longest(`^(?:` + strings.Join([]string{
		`i(?: am|'m)? (?:live|living|reside|residing|stay|staying) (?:at|in|on|under|by)`, `my (?:home |own |postal |street )?address(?: is|:)`, `my (?:house|flat|home|apartment) is (?:at|in|on|number)`,
		`(?:yo )?(?:vivo|resido) en`, `mi (?:direccion|domicilio|casa)(?: (?:es|esta en|particular|postal))+`,
		`j'habite`, `je (?:vis|reside|demeure|loge) (?:au|a|dans|rue|sur)`, `mon (?:adresse|domicile)(?: postale)?(?: est|:)`,
		`(?:eu )?(?:moro|vivo|resido) (?:na|no|em|ao)`, `(?:o )?meu endereco e`, `(?:a )?minha (?:morada|casa) (?:e|fica)`,
		`(?:я )?(?:живу|проживаю) (?:по адресу|на|в)`, `мои (?:домашнии )?адрес`,
		`(?:و?انا )?(?:اسكن|ساكن|ساكنه|اعيش|اقيم|اقطن)(?: في)?`, `و?(?:عنواني|بيتي|منزلي)`,
		`ich wohne (?:in|an|am|im|bei)(?: der| dem)?`, `meine (?:adresse|anschrift)(?: ist| lautet|:)`, `मेरा (?:पता|घर)(?: है|:)?`, `mera (?:ghar|pata|address)`,
		`(?:私の)?(?:住所|自宅)は`,
		`(?:我家?|本人)(?:现在|目前)?(?:住在|居住在|住址是|的?家庭住址是?|的?(?:住址|地址)(?:是|在)|的?(?:住址|地址):|在)`,
	}, "|") + `)[ :-]+|^(?:我家?|本人)(?:现在|目前)?(?:住在|居住在|住址是|的?家庭住址是?|的?(?:住址|地址)(?:是|在|:)|家住)`)

	clause      = regexp.MustCompile(`^[^\n]{1,100}`)
	houseNumber = regexp.MustCompile(`(?:^|[^0-9.:/])[0-9]{1,5}(?:[^0-9.:/%]|$)`)

	chineseNear  = regexp.MustCompile(`^(?:这|那|附近|隔壁|对面|旁边|楼上|楼下|同)`)
	chinesePlace = regexp.MustCompile(`^[^,]*\p{Han}(?:路|街|巷|小区|花园|村|[0-9一二三四五六七八九十]+(?:号|栋|幢|弄|室|单元|楼|组))`)
	chineseName  = regexp.MustCompile(`^(?:我叫|我名叫|我的名字(?:是|叫)|我的姓名(?:是|:)|我姓名:|本人(?:姓名|名叫|叫))[: ]*([赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马苗袁柳唐薛雷贺倪汤罗郝傅康伍余顾孟黄穆萧尹姚邵汪毛宋庞熊纪舒屈董梁杜阮蓝贾江郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞柯管卢莫邓洪石崔龚程裴陆翁曲段侯武刘龙叶黎白温庄闫易廖丁]\p{Han}{1,2})`)
	japaneseName = regexp.MustCompile(`^(?:(?:私|僕|わたし|自分)の)?(?:名前|氏名)は[ :]*([\p{Han}\p{Katakana}ー]{2,5}[ ]?[\p{Han}\p{Katakana}ー]{0,4})(?:です|と申|と言|。|といい|,|$)`)
	chineseTitle = regexp.MustCompile(`^\p{Han}(?:老师|经理|主任|局长|书记|队长|医生|科长|校长|师傅|老板|先生|女士|某)`)

	// toldBy and denied are looked for in what stands before a phrase, iTold undoes toldBy.
	toldBy = regexp.MustCompile(`(?:\b(?:messages?|sms|e-?mails?|letter|note|advert|ad|post|poster|flyer|voicemail|leaflet|mensaje|anuncio|cartel|annonce|affiche|mensagem|anuncio|nachricht|anzeige|zettel|said|says|saying|told|tells|wrote|writes|writing|texted|texts|claims|claimed|answered|dijo|dice|decia|escribio|dit|disait|ecrit|ecrivait|disse|diz|escreveu|sagte|sagt|schrieb|schreibt|bola|boli|bole|likha)\b|сообщени|объявлени|смс|сказал|говорит|написал|пишет|представил|رساله|اعلان|قال|يقول|كتب|说|写|告诉|发来|短信|消息|留言|广告|朋友圈|बोला|बोली|कहा|लिखा|と言|と書)[^.!?]{0,24}$`)
	asksOn = regexp.MustCompile(`^ ?(?:पर|pe|par) `)
	iTold  = regexp.MustCompile(`(?:\bi (?:have |already )?(?:said|told|wrote)|\b(?:dije|digo|escribi)\b|j'ai (?:dit|ecrit)|\b(?:eu disse|escrevi)\b|ich (?:sagte|habe)|я (?:сказал|написал|говорил)|قلت|كتبت|我(?:说|写|告诉)|मैंने)[^.!?]{0,30}$`)
	denied = regexp.MustCompile(`(?:\b(?:not|isn't|wasn't|never)|\bno (?:es|era)|n'est pas|\bnao (?:e|era)(?: o| a)?|\b(?:nicht|keine?)|(?:^|\s)не|ليس|ليست|不是|नहीं)\s*$`)
)
