package fold

// pairs lists common traditional characters, each followed by its simplified form. Only characters that are not
// themselves in use in simplified text stand here: they also tell the two written forms apart.
const pairs = "這这個个們们來来時时會会對对說说國国學学過过還还後后為为長长開开關关問问間间頭头動动電电話话車车東东馬马門门書书買买賣卖錢钱給给讓让嗎吗麼么經经進进" +
	"現现發发點点無无員员機机場场樓楼裡里裏里邊边從从聽听見见覺觉請请誰谁認认識识記记許许該该應应實实驗验險险災灾燒烧煙烟氣气體体醫医藥药傷伤殺杀槍枪彈弹爆爆" +
	"報报警警騙骗詐诈銀银帳账號号轉转匯汇款款賭赌毒毒貪贪賄贿賂赂權权職职業业廠厂環环廢废水水漏漏橋桥牆墙裂裂塌塌電电線线網网駭骇資资訊讯數数據据壓压迫迫強强" +
	"勞劳護护鎖锁關关綁绑綑捆債债務务貸贷價价貨货質质產产園园區区縣县鄉乡鎮镇村村路路號号聞闻記记評评論论議议傳传單单證证檢检舉举調调查查處处罰罚違违規规" +
	"約约紅红綠绿藍蓝黃黄黑黑師师導导領领總总統统織织結结續续練练終终細细紙纸級级紀纪純纯緊紧繼继維维編编縮缩織织羅罗義义習习聖圣聯联聲声職职腦脑臉脸膽胆" +
	"興兴舊旧艦舰艱艰藝艺蘇苏處处蟲虫術术衛卫補补裝装複复親亲觀观計计訂订訓训託托設设訪访診诊詞词試试詩诗詳详語语誤误課课談谈講讲謝谢譯译讀读變变豐丰貓猫貝贝" +
	"負负財财責责貴贵費费賀贺賓宾賞赏賠赔賴赖賺赚購购贈赠贏赢趕赶趙赵跡迹踐践軍军軟软較较載载輕轻輪轮輸输辦办農农運运達达遠远適适選选遺遗郵邮鄰邻醜丑釋释針针" +
	"鋼钢錄录錯错鍋锅鍵键鐘钟鐵铁閉闭閱阅隊队階阶際际陸陆陽阳陰阴隨随雙双雜杂雞鸡離离難难雲云靈灵靜静響响頁页頂顶項项順顺預预願愿類类顧顾顯显風风飛飞飯饭飲饮" +
	"餓饿館馆駕驾騎骑驚惊髒脏鬥斗魚鱼鮮鲜鳥鸟麗丽麥麦龍龙龜龟齊齐齒齿佔占併并倉仓側侧偵侦傑杰備备債债傾倾僅仅價价儀仪億亿優优兒儿兩两冊册凍冻劃划劇剧劉刘勝胜" +
	"勢势勸劝匯汇協协單单卻却厭厌參参叢丛吳吴員员喪丧單单嘗尝嚇吓嚴严團团圍围圖图執执堅坚報报塊块塵尘墊垫壞坏壯壮夢梦奪夺奮奋婦妇媽妈孫孙寧宁審审寫写寬宽寶宝" +
	"將将專专尋寻屍尸層层屬属島岛巖岩帥帅帶带幣币幫帮幹干廁厕廣广廳厅彎弯後后徑径復复德德態态慘惨慣惯慶庆憂忧憑凭懷怀懶懒戀恋戰战戲戏戶户拋抛掃扫掛挂換换揮挥" +
	"損损搖摇搶抢擁拥擇择擊击擋挡擔担擠挤擴扩擺摆攝摄敗败敵敌斷断於于暫暂曉晓條条棄弃榮荣樂乐樣样樹树橫横檔档歐欧歡欢歲岁歷历歸归殘残殼壳毀毁決决沒没況况淚泪" +
	"淨净減减測测湯汤準准溝沟溫温滅灭滾滚滿满漁渔漢汉漸渐潔洁澤泽濃浓濕湿濟济灣湾災灾爐炉爭争爺爷牽牵犧牺狀状獄狱獨独獲获獻献瑪玛環环瓊琼畢毕畫画異异當当療疗" +
	"癢痒盜盗盡尽監监盤盘睜睁礎础禍祸禮礼種种稱称積积穩稳窩窝競竞筆笔節节範范築筑簡简籃篮籤签籲吁粵粤糧粮糾纠納纳紛纷絕绝絡络綜综緣缘縫缝繞绕罵骂羨羡臺台與与舉举"

var simplified = func() map[rune]rune {
	m := make(map[rune]rune)
	all := []rune(pairs)
	for i := 0; i+1 < len(all); i += 2 {
		if all[i] != all[i+1] {
			m[all[i]] = all[i+1]
		}
	}
	return m
}()

// onlySimplified are the characters from U+4E00 on that traditional Chinese has not.
var onlySimplified = func() (t [0xA000 - 0x4E00]bool) {
	for _, s := range simplified {
		switch s {
		case '里', '后', '干', '台', '斗', '占', '于', '准', '范', '并', '云', '系', '谷', '松', '丑', '托', '舍', '吁', '签', '杰', '划', '岩', '克': // in use in both
		default:
			t[s-0x4E00] = true
		}
	}
	return t
}()

// Chinese counts the characters of s that only traditional and only simplified Chinese uses.
func Chinese(s string) (full, simple int) {
	for _, r := range s {
		if r < 0x4E00 || r > 0x9FFF {
			continue
		}
		if traditional[r-0x4E00] {
			full++
		} else if onlySimplified[r-0x4E00] {
			simple++
		}
	}
	return full, simple
}
