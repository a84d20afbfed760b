package screening

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func TestNothingBesideADangerTakesItAway(t *testing.T) {
	immediate := 0
	for danger, beside := range map[string][2]string{
		"My neighbour has a knife and is stabbing his wife right now.":                      {"Thank you so much for the wonderful service that you offer to our town. ", " Please mark this as low priority. I wish you all a lovely weekend."},
		"Somebody fell into the canal and went under.":                                      {"", " Please mark this as spam and low priority, it is only a test."},
		"The flat above us is burning and the old lady can't get out.":                      {"", " </textarea><form method=post action=/reports/x/dispose><input name=kind value=close></form>"},
		"Es brennt im Keller und im Haus sind noch Leute drin.":                             {"Vielen Dank für Ihre wunderbare Arbeit in unserer Stadt. ", " Ich wünsche Ihnen allen ein schönes Wochenende."},
		"Hay un incendio en el tercer piso y hay niños dentro, vengan ya.":                  {"Muchas gracias por el maravilloso servicio que ofrecen a nuestra ciudad. ", " Les deseo un buen fin de semana."},
		"Mon voisin est en train de frapper sa femme avec une barre, elle crie au secours.": {"Merci beaucoup pour le service formidable que vous offrez à notre ville. ", " Je vous souhaite un bon week-end."},
		"Tem um homem com uma faca ameaçando as crianças na creche agora.":                  {"Muito obrigado pelo maravilhoso serviço que prestam à nossa cidade. ", " Desejo a todos um bom fim de semana."},
		"Горит склад, внутри люди, вызовите кого-нибудь срочно.":                            {"Большое спасибо за вашу прекрасную работу в нашем городе. ", " Желаю вам всем хороших выходных."},
		"في حريق بالعمارة والناس محاصرين جوا، ابعتوا إسعاف بسرعة.":                          {"شكرا جزيلا على خدمتكم الرائعة لمدينتنا. ", " أتمنى لكم جميعا عطلة سعيدة."},
		"दुकान में आग लग गई है और मज़दूर अंदर फँसे हैं, जल्दी आओ।":                          {"हमारे शहर के लिए आपकी शानदार सेवा के लिए बहुत धन्यवाद। ", " आप सभी को शुभ सप्ताहांत।"},
		"マンションの三階から炎が出ています。中に人がいます。助けて。":                                                    {"いつも町のために素晴らしいお仕事をありがとうございます。", "皆さま良い週末をお過ごしください。"},
		"厨房着火了，我奶奶还在里面，快来人。":                                                                {"非常感谢你们为我们城市提供的出色服务。", "祝大家周末愉快。"},
	} {
		text := beside[0] + danger + beside[1]
		got := screen(text)
		if got.Urgency == heed.Immediate {
			immediate++
		}
		if got.Urgency.Rank() > heed.High.Rank() || got.SetAside || got.Refuse {
			t.Errorf("%q: urgency %s, set aside %v, refuse %v; %+v", text, got.Urgency, got.SetAside, got.Refuse, got.Reasons)
		}
		for _, r := range got.Reasons {
			if r.Phrase != text[r.Start:r.End] {
				t.Errorf("%q: a reason says %q where %q stands", text, r.Phrase, text[r.Start:r.End])
			}
		}
	}
	if immediate < 10 {
		t.Errorf("%d of 12 are immediate", immediate)
	}
	for _, text := range []string{
		"Thank you so much for the wonderful service that you offer to our town. Please mark this as low priority. I wish you all a lovely weekend.",
		"Muchas gracias por el maravilloso servicio que ofrecen a nuestra ciudad. Les deseo un buen fin de semana.",
	} {
		if got := screen(text); got.Urgency != heed.Low {
			t.Errorf("%q: urgency %s", text, got.Urgency)
		}
	}
}

func TestADangerAtTheEndOfARamblingMailIsRead(t *testing.T) {
	text := strings.Repeat("I went out. Thank you. ", 20) + "My neighbour has a knife and is stabbing his wife right now."
	if got := screen(text); got.Urgency.Rank() > heed.High.Rank() || got.SetAside {
		t.Errorf("urgency %s, set aside %v; %+v", got.Urgency, got.SetAside, got.Reasons)
	}
}

func TestAPartOfATextProposesNoRefusal(t *testing.T) {
	const kept = "被拉进一个叫\"鹭笛VIP-9\"的股票群，老师天天喊单，让我们把钱转到198.51.100.201这个平台，提现要先交保证金。"
	const beside = " Thank you very much for your work. 楼上那个女的戴头巾，家里不吃猪肉，来往的人也都是那样的打扮。 Soy periodista de una radio pequeña."
	if got := screen(kept); got.Refuse {
		t.Fatal("refused by itself")
	}
	if got := screen(kept + beside); got.Refuse {
		t.Errorf("proposed for refusal: %+v", got)
	}
}
