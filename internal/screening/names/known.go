package names

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed known.txt
var knownList string

// known gives the kinds of known.txt of a word, as letters.
var known = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(knownList) {
		kind, words, ok := strings.Cut(line, ": ")
		if !ok || kind[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(words) {
			if !strings.Contains(m[w], kind[:1]) {
				m[w] += kind[:1]
			}
		}
	}
	return m
})

// Known says whether known.txt has the word as a name: of a person, a place or an organisation.
func Known(word string) bool { return strings.ContainsAny(known()[fold.String(word)], "gkpo") }

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	particle = set("of and the de la las los del el da do das dos di du des d van von der den zu le les al bin ibn y e et & fur on upon sur")
	plain    = set("a about after again all also am an and another any anyone are as ask at be because been before being black both brown but by call can children could day did do does done each even every everybody everyone everything few first for from gas get go good got green had has have he help her here hi hello him his how i if in into is it its just keep last let like look lots many maybe me more most mr my never new next no nobody none not nothing now of old on once one only or other our out over people perhaps please quick red said saw second see she should since so some somebody someone something sorry staff still stop stuff such take tell thank thanks that the their them then there these they this those three till to today tomorrow tonight too two under until up urgent very was water we well were what when where which while white who why will with workers would yes yesterday yet you young your " +
		"anoche ayer buenas buenos con creo cuando de desde el ella ellos en es esta este estoy gracias hay hola hoy la las le les lo los mi mis nadie no nos pero por porque que quiero se si sin su sus tambien tengo todos un una uno yo y " +
		"apres au avec bonjour c'est ce ces cette comme dans depuis des du elle elles en est et hier il ils j'ai je la le les leur ma mais merci mes mon nous on ou par pas personne plus pour quand que qui rien sa sans ses si son sur un une vous " +
		"a ainda as bom com da das de depois do dos ela ele eles em esta este eu foi ha hoje isso ja mas meu minha na nada nao nas ninguem no nos obrigado olha ontem os para pelo por porque quando que se sem seu sua so tem um uma " +
		"aber alle als am an auch auf aus bei bitte da danke das dass dem den der die dort drei ein eine er es frau fur gestern hallo hat heute herr hier ich ihr im immer in ist ja jetzt kein keine kinder man mein meine mit nach nein nicht noch nur oder ohne seit sie sind so und uns unser vor war was wenn wer wie wir wird wo zu zum zwei " +
		"а алло без бы был была были в вас весь во вот все всем вчера вы где да для до его ее если есть еще же за завтра здесь здравствуите и из или их к как когда кто мне мои моя мы на над нам нас не него нет ни но ну о он она они от по под помогите пожалуиста потом при прошу с сегодня сеичас со спасибо так там то только у уже что это этот я")
)
