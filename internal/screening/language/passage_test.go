package language

import (
	"strings"
	"testing"
)

// told gives the passages of a text as "tag: words" a line.
func told(r Result, text string) string {
	var lines []string
	for _, p := range r.Passages {
		lines = append(lines, p.Tag+": "+text[p.Start:p.End])
	}
	return strings.Join(lines, "\n")
}

func TestThePassagesOfAMixedTextAreToldApart(t *testing.T) {
	for _, passages := range []string{
		"es: Vi a un hombre con una pistola cerca de la escuela\nen: and he was running towards the playground",
		"en: There is a gas leak in our building and nobody is answering\nhi: Jaldi se kisi ko bhejo, bacche andar hain aur darwaza band hai",
		"hi: Mere ghar ke paas ek aadmi hai jo bahut shor karta hai\nen: and yesterday he threatened my neighbour with a knife",
		"fr: Il y a un homme qui vend de la drogue devant l'école\npt: Ele vem todas as noites por volta das dez horas e fala com as crianças",
		"tr: Binanın önünde bir adam var, her gece bağırıyor\nde: Ich habe schon zweimal die Polizei angerufen, aber niemand kommt",
		"ru: В подвале нашего дома кто-то хранит канистры с бензином\nuk: вже телефонував до рятувальників, але ніхто не приїхав",
		"id: Saya melihat seorang lelaki membawa pisau di dekat sekolah\nen: he is still standing there and nobody does anything",
		"en: THERE IS A FIRE IN THE BUILDING\nes: POR FAVOR MANDEN A LOS BOMBEROS AHORA MISMO",
		"zh-Hans: 我们公司的经理\nen: told everybody to delete the safety records\nzh-Hans: 我有截图可以证明这件事情",
		"fr: Le directeur m'a dit\nen: You will never work in this town again if you talk to the police about the money\nfr: et il a claqué la porte",
	} {
		var words []string
		for line := range strings.SplitSeq(passages, "\n") {
			_, said, _ := strings.Cut(line, ": ")
			words = append(words, said)
		}
		text := strings.Join(words, ", ")
		got := Default().Detect(text)
		if told(got, text) != passages {
			t.Errorf("%s\n\tis told apart as\n%s", text, told(got, text))
		}
		share := 0.0
		for _, p := range got.Passages {
			share += p.Share
		}
		if share < 0.999 || share > 1.001 {
			t.Errorf("%s: the shares add up to %v", text, share)
		}
		if len(got.All) != 2 || got.All[0] != got.Main {
			t.Errorf("%s: %s among %s", text, got.Main, got.All)
		}
	}
}

func TestNamesAddressesLoanWordsAndQuotedSignsAreNoSwitch(t *testing.T) {
	for _, text := range []string{
		"The man at 14 Rue de la République, opposite the Boulangerie du Marché, sells stolen phones every evening.",
		"There is a sign \"Betreten der Baustelle verboten\" but children climb over the fence of the building site every day.",
		"Auf dem Schild steht „No trespassing on this site“, aber die Kinder klettern jeden Tag über den Zaun.",
		"Mein Chef bei der Firma Global Trading Solutions Limited in London hat das Meeting gecancelt und das Budget überwiesen.",
		"The restaurant El Rincón de la Abuela in Calle de los Desamparados sells spoiled meat.",
		"My boss Rajesh Kumar Sharma from Lajpat Nagar takes bribes at the Seva Kendra office near Chandni Chowk every Monday",
		"The roti and paneer at Sharma Dhaba made my whole family sick, we had dal and chawal too",
		"Visit www.tienda-barata-de-relojes.com or write to ventas@mejores-precios-para-ti.es, they never deliver what you pay for",
		"请看 https://www.example.com/about/company/safety/records 这个网站是骗人的，已经有很多人被骗了",
		"夏季大促！衣服鞋子低至三折，立即下单 glamour-shop.example",
		"ספר אחר שלו נקרא Battle of the Year ויצא לאור בשנה שעברה",
		"Kal raat humare mohalle mein goli chali thi, police abhi tak nahi aayi",
	} {
		if got := Default().Detect(text); got.All != nil || got.Passages != nil {
			t.Errorf("%s\n\tis told apart as\n%s", text, told(got, text))
		}
	}
}

func TestALongTextIsReadForPassagesAsFarAsItsFirstWordsGo(t *testing.T) {
	english := strings.Repeat("the water in our street has smelled of petrol for a week now and nobody comes. ", 8)
	spanish := "Mi vecina dice que ayer vio a dos hombres que vaciaban bidones en la alcantarilla."
	text := english + spanish
	got := Default().Detect(text)
	if len(got.Passages) != 2 || got.Main != "en" || text[got.Passages[1].Start:] != spanish {
		t.Errorf("%s", told(got, text))
	}
	if got := Default().Detect(strings.Repeat(english, 4) + spanish); got.Passages != nil {
		t.Error("what stands beyond the words that are read was read")
	}
}

func FuzzPassagesLieInTheText(f *testing.F) {
	f.Add("Vi a un hombre «con una pistola» cerca de la escuela and he was running towards 学校的操场 the playground")
	f.Add("\"\xff\" a.b.c@d 我\u0301 Ⅳ ’’ „“ \u00a0«")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		got := Default().Detect(text)
		for _, p := range got.Passages {
			if p.Start < end || p.End <= p.Start || p.End > len(text) {
				t.Fatalf("%q: %+v", text, got.Passages)
			}
			end = p.End
		}
	})
}
