package details

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

// hundredWords are reports of a hundred words or two hundred characters, by language.
var hundredWords = map[string]string{
	"en": "Yesterday at about half past three a white van, KX41 RVO, stopped outside the school on Mill Lane and two men carried blue drums into the cellar of number 12. " +
		"They said they were from Harl Consulting, but the number they gave, 020 7946 0148, rings at a chip shop. One of the drums leaked on the pavement and the smell made my eyes water for an hour. " +
		"I paid a man called Rowan Tessler £450 last month for heating oil and it never came. He uses shop-x.example/oil and asks for money to GB82 WEST 1234 5698 7654 32. " +
		"Somebody ought to look before the children come back on Monday morning, because nobody else here will say a word.",
	"zh-Hans": "昨天下午三点左右，一辆白色面包车（车牌京A12345）停在槐荫路小学门口，两个男人把蓝色的桶搬进12号楼的地下室。他们说是静桥食品有限公司的人，但留下的电话13800001111打过去是一家面馆。" +
		"有一个桶漏在人行道上，味道刺得我眼睛流了一个小时的泪。上个月我给一个叫孙美兰的人转了四千五百元买燃料油，到现在也没送来。她用的网址是 oil.example/buy，收款账户6200 9900 1234 0087。" +
		"星期一早上孩子们就回来了，应该有人先来看一看，因为这里没有人敢说话。",
	"ar": "أمس حوالي الساعة 3:30 توقفت سيارة بيضاء أمام المدرسة في شارع النصر وحمل رجلان براميل زرقاء إلى قبو البناية رقم 12. قالوا إنهم من شركة النخيل لكن الرقم الذي أعطوه 0501234567 يعود إلى مطعم. " +
		"تسرب أحد البراميل على الرصيف وكانت الرائحة قوية جدا لمدة ساعة. دفعت لرجل اسمه رامي مبلغ 450 دولار الشهر الماضي ثمن وقود ولم يصل. يجب أن يأتي أحد قبل أن يعود الأطفال صباح الاثنين لأن لا أحد هنا سيقول كلمة.",
	"ru": "Вчера около 15:30 белый фургон остановился у школы на улице Садовой, и двое мужчин занесли синие бочки в подвал дома 12. Они сказали, что из ООО «Вектор», но номер, который они дали, +7 495 000-12-34, это закусочная. " +
		"Одна бочка протекла на тротуар, и от запаха час слезились глаза. В прошлом месяце я заплатил человеку по имени Славик Ржанов 45 000 руб. за мазут, и его не привезли. Посмотрите до понедельника, пока дети не вернулись.",
}

func BenchmarkAReportOfAHundredWords(b *testing.B) {
	for lang, text := range hundredWords {
		b.Run(lang, func(b *testing.B) {
			t := fold.New(text)
			b.ReportAllocs()
			for b.Loop() {
				Find(t, Context{Language: lang})
			}
		})
	}
}

func BenchmarkHostileTexts(b *testing.B) {
	for name, piece := range map[string]string{
		"one character": "a", "digits": "7", "web addresses": "https://a.example/b?c=1 ", "e-mail addresses": "a.b@c.example ", "names": "Mr Ashford of Mill Lane ",
		"Han": "一二三四", "dates": "3 October 2026, ", "money": "five hundred and ", "dots": "1.", "spelled digits": "one two three ", "signs": "$ ",
	} {
		for _, kib := range []int{64, 128, 256} {
			b.Run(fmt.Sprintf("%s %d KiB", name, kib), func(b *testing.B) {
				t := fold.New(strings.Repeat(piece, kib<<10/len(piece)))
				for b.Loop() {
					Find(t, Context{Language: "en"})
				}
			})
		}
	}
}
