package main

import (
	"math/rand/v2"
	"strings"

	"github.com/heed-line/heed/internal/screening/names"
)

// swaps is how many copies a report has in which other names of its language and kind stand in place of its own, so that a name's
// neighbours are learned with many names.
const swaps = 2

func swapped(reports []names.Example) (out []names.Example) {
	random := rand.New(rand.NewPCG(5, 6))
	pool := map[string][]string{}
	for _, e := range reports {
		for _, n := range e.Names {
			key := e.Lang + n.Kind
			pool[key] = append(pool[key], e.Text[n.Start:n.End])
		}
	}
	for range swaps {
		for _, e := range reports {
			if len(e.Names) > 0 {
				out = append(out, swap(e, func(kind, name string) string {
					if made := chinese(random, e.Lang, kind, name); made != "" {
						return made
					}
					of := pool[e.Lang+kind]
					return of[random.IntN(len(of))]
				}))
			}
		}
	}
	return out
}

// swap puts other names in place of a report's, small where the report has no capitals.
func swap(e names.Example, other func(kind, name string) string) names.Example {
	var text strings.Builder
	out := names.Example{Lang: e.Lang, Copy: true}
	at, small := 0, e.Text == strings.ToLower(e.Text)
	for _, n := range e.Names {
		text.WriteString(e.Text[at:n.Start])
		name := other(n.Kind, e.Text[n.Start:n.End])
		if small {
			name = strings.ToLower(name)
		}
		out.Names = append(out.Names, names.Name{Kind: n.Kind, Start: text.Len(), End: text.Len() + len(name)})
		text.WriteString(name)
		at = n.End
	}
	text.WriteString(e.Text[at:])
	out.Text = text.String()
	return out
}

// chinese makes up a Chinese person's name as long as the one given, two times of three; "" the third, and for other names.
func chinese(random *rand.Rand, lang, kind, name string) string {
	characters := len([]rune(name))
	if lang != "zh" || kind != "person" || characters < 2 || characters > 3 || !names.Known(string([]rune(name)[:1])) || random.IntN(3) == 0 {
		return ""
	}
	family, given := []rune(familyCharacters), []rune(givenCharacters)
	made := string(family[random.IntN(len(family))])
	for range characters - 1 {
		made += string(given[random.IntN(len(given))])
	}
	return made
}

// familyCharacters are Chinese family names of one character; givenCharacters are what given names are made of.
const (
	familyCharacters = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
	givenCharacters  = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玉萍红建华国志海文春梅林永生金凤云清龙学德庆福祥荣贵富宝根土水木火山石柱子栓满囤来喜旺财发兴盛昌顺利安康宁健壮雄虎豹彪鹏飞翔宇轩浩然博涵子梓欣怡雨桐思琪诗佳慧莹雪晴晓月星辰阳光辉耀东西南北中夏秋冬晨曦彤瑶琳珊珍珠宝钗黛莲荷菊竹松柏杨柳槐桃杏花草芝蓉薇蕾蓓婷婉嫣媛妍娇娥姣姗妮娅宏伯仲叔季长远近前进步升高贤良忠孝仁义礼智信正直诚实守业成功立达通广大天地人和谐美善真心意如可爱亚亦之乃以为有无双全才奇异凡俊彦泽润沛泉源溪河江湖波澜涌潮汐冰霜露岚峰岭岩峻崇尧舜禹汉唐宋元启蒙开新民众群英卫权政治党邦州省县城村镇庄园田禾苗麦穗粮仓满"
)
