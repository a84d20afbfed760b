package details

import (
	"regexp"
	"strconv"
	"strings"
)

// These read the original text, for letters' case matters: plates and batch numbers are written in capitals.
var (
	coordinateShape = regexp.MustCompile(`[-+]?[0-9]{1,3}\.[0-9]{3,}°? ?[NSns]? ?[,;/ ] ?[-+]?[0-9]{1,3}\.[0-9]{3,}°?(?: ?[EWew]\b)?`)
	degreesShape    = regexp.MustCompile(`[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["″] ?)?[NS],? ?[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["″] ?)?[EW]`)

	// sure plates need no words around them; doubtful ones do.
	surePlate = regexp.MustCompile(`\p{Han}[A-Z]?·[A-Z0-9]{4,6}|\p{Han}[A-Z]·?[A-Z0-9]{5,6}|\b[A-Z]{2}[0-9]{2} ?[A-Z]{3}\b|\b[A-Z]{2}-[0-9]{3}-[A-Z]{2}\b|\b[A-Z]{3}-?[0-9][A-Z][0-9]{2}\b|\b[АВЕКМНОРСТУХ][0-9]{3}[АВЕКМНОРСТУХ]{2} ?[0-9]{2,3}|\b[A-Z]{2}[ -]?[0-9]{2}[ -][A-Z]{1,3}[ -][0-9]{4}\b|\p{Han}{1,4} ?[0-9]{2,3} ?[ぁ-ん] ?[0-9]{1,2}-[0-9]{2}`)
	likePlate = regexp.MustCompile(`[A-ZÄÖÜ]{1,3}[- ][A-ZÄÖÜ]{1,2}[- ]?[0-9]{1,4}[EH]?|[A-ZÄÖÜ]{1,3}-[0-9]{2,4}(?:-[A-Z]{1,3})?|[0-9]{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}|[A-Z]{2,3} ?-?[0-9]{3,4}|[0-9]{3} ?-?[A-Z]{2,3}|[A-Z]{2} ?[0-9]{3} ?[A-Z]{2}|[0-9]{1,3}-[A-Z]{1,3}-[0-9]{1,3}|[A-Z0-9]{2,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,3}|[0-9]{4,7}`)

	namedCode = regexp.MustCompile(`(?i)(?:\b(?:batch|lot|model|serial|case|ref|reference|tender|badge|vehicle|fleet|order|invoice|pcn|licence|license|permit|contract|unit|bus|boat|hull|locker|po box|charge|chargen?-?nr|modell|aktenzeichen|postfachnummer|seriennummer|référence|réf|numéro|modèle|lote|modelo|serie|expediente|registro|registro no casco|casco|matrícula interna|processo|placa interna|contrato)\b|парти[яи]|модель|серия|артикул|дело|бортовой|批号|批次|型号|编号|注册代码|序列号|工号|合同号|案号|单号|型番|ロット|製造番号|管理番号|号機|رقم الدفعة|دفعة|تشغيلة|موديل|बैच|मॉडल)(?:[ :：#.\-]|\bno\b|\bnos\b|\bnumber\b|\bis\b|\bnr\b|\bnº|\bn°|\bnúmero|\bnumero|\bномер|№|是|为|番号){0,6}([A-Z]{0,5}[-/ ]?[0-9][A-Z0-9]*(?:[-/][A-Z0-9]+){0,4}|[A-Z]{1,5}[0-9A-Z]*(?:[-/][A-Z0-9]*[0-9][A-Z0-9]*){1,4})`)
	bareCode  = regexp.MustCompile(`\b[A-Z]{1,5}-[0-9]{2,}[A-Z0-9]*(?:[-/][A-Z0-9]+){0,4}|\b[A-Z]{1,5}(?:[-/][A-Z0-9]+){0,3}[-/][0-9]{2,}[A-Z]?\b|\b[A-Z]{1,4}[0-9]{4,}[A-Z]{0,2}\b|\b[0-9]{3,}-[A-Z]{1,4}(?:-[0-9]+)?\b|\b[0-9]{3,}/[0-9]{2,4}-?[A-Z]+\b`)
)

var plateWords = []string{
	"plate", "reg ", "registration", "van", "car", "lorry", "truck", "bus", "taxi", "driver", "kombi", "车牌", "车", "номер", "машин", "plaque", "immatricul", "fourgon",
	"voiture", "camion", "matricula", "placa", "coche", "camioneta", "furgon", "kennzeichen", "auto", "wagen", "transporter", "carro", "ナンバー", "車", "لوحة", "سيارة", "गाड़ी", "गाडी", "नंबर प्लेट", "nummernschild", "targa",
}

// codes finds coordinates, number plates and the numbers of cases, batches, models and the like.
func (f *finder) codes() {
	o := f.t.Original
	for _, re := range []*regexp.Regexp{coordinateShape, degreesShape} {
		for _, m := range re.FindAllStringIndex(o, atMost) {
			if re == degreesShape || onEarth(o[m[0]:m[1]]) {
				f.addOriginal("coordinates", m[0], m[1], 88)
			}
		}
	}
	for _, m := range surePlate.FindAllStringIndex(o, atMost) {
		if strings.ContainsAny(o[m[0]:m[1]], "0123456789") {
			f.addOriginal("plate", m[0], m[1], 76)
		}
	}
	for _, m := range likePlate.FindAllStringIndex(o, atMost) {
		a, b := f.t.FoldedSpan(m[0], m[1])
		if f.bounded(a, b) && (strings.ContainsAny(o[m[0]:m[1]], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || says(f.before(a, 24), []string{"plate", "车牌", "placa", "matricula", "ナンバー", "لوحة"})) && says(f.before(a, 40), plateWords) {
			f.add("plate", a, b, 64)
		}
	}
	for _, m := range namedCode.FindAllStringSubmatchIndex(o, atMost) {
		f.code(m[2], m[3], 73)
	}
	for _, m := range bareCode.FindAllStringIndex(o, atMost) {
		f.code(m[0], m[1], 61)
	}
}

// code adds an id-number of at least three characters with a digit, written without lower-case letters.
func (f *finder) code(start, end, rank int) {
	text := f.t.Original[start:end]
	trimmed := strings.TrimLeft(text, " -/")
	start += len(text) - len(trimmed)
	if len(trimmed) < 3 || !strings.ContainsAny(trimmed, "0123456789") || strings.ContainsAny(trimmed, "abcdefghijklmnopqrstuvwxyz") {
		return
	}
	a, b := f.t.FoldedSpan(start, end)
	if r := f.runeAt(b); r >= 'a' && r <= 'z' || r == ':' || r == '%' {
		return
	}
	f.add("id-number", a, b, rank)
}

// onEarth says whether two decimal numbers are a latitude and a longitude.
func onEarth(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return !(r >= '0' && r <= '9' || r == '.' || r == '-') })
	if len(parts) != 2 {
		return false
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	return err1 == nil && err2 == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
}
