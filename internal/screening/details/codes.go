package details

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// These read the original text, for letters' case matters: plates and batch numbers are written in capitals.
var (
	coordinateShape = regexp.MustCompile(`[-+]?[0-9]{1,3}\.[0-9]{3,}°? ?[NSns]? ?[,;/ ] ?[-+]?[0-9]{1,3}\.[0-9]{3,}°?(?: ?[EWew]\b)?`)
	degreesShape    = regexp.MustCompile(`[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["″] ?)?[NS],? ?[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["″] ?)?[EW]`)

	// sure plates need no words around them; doubtful ones do.
	surePlate = regexp.MustCompile(`\p{Han}[A-Z]?·[A-Z0-9]{4,6}|\p{Han}[A-Z]·?[A-Z0-9]{5,6}|\b[A-Z]{2}[0-9]{2} ?[A-Z]{3}\b|\b[A-Z]{2}-[0-9]{3}-[A-Z]{2}\b|\b[A-Z]{3}-?[0-9][A-Z][0-9]{2}\b|\b[АВЕКМНОРСТУХ][0-9]{3}[АВЕКМНОРСТУХ]{2} ?[0-9]{2,3}|\b[A-Z]{2}[ -]?[0-9]{2}[ -][A-Z]{1,3}[ -][0-9]{4}\b|\p{Han}{1,4} ?[0-9]{2,3} ?[ぁ-ん] ?[0-9]{1,2}-[0-9]{2}`)
	likePlate = regexp.MustCompile(`[A-ZÄÖÜ]{1,3}[- ][A-ZÄÖÜ]{1,2}[- ]?[0-9]{1,4}[EH]?|[A-ZÄÖÜ]{1,3}-[0-9]{2,4}(?:-[A-Z]{1,3})?|[0-9]{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}|[A-Z]{2,3} ?-?[0-9]{3,4}|[0-9]{3} ?-?[A-Z]{2,3}|[A-Z]{2} ?[0-9]{3} ?[A-Z]{2}|[0-9]{1,3}-[A-Z]{1,3}-[0-9]{1,3}|[A-Z0-9]{2,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,3}|[0-9]{4,7}`)

	namedCode = regexp.MustCompile(`(?:\b(?i:batch|lot|model|serial|case|ref|reference|tender|badge|vehicle|fleet|order|invoice|pcn|licence|license|permit|contract|unit|bus|boat|hull|locker|po box|charge|chargen?-?nr|modell|aktenzeichen|postfachnummer|seriennummer|référence|réf|numéro|modèle|lote|modelo|serie|expediente|registro|registro no casco|casco|matrícula interna|processo|placa interna|contrato)\b|парти[яи]|модель|серия|артикул|дело|бортовой|批号|批次|型号|编号|注册代码|序列号|工号|合同号|案号|单号|型番|ロット|製造番号|管理番号|号機|رقم الدفعة|دفعة|تشغيلة|موديل|बैच|मॉडल)(?:[ :：#.\-]|\bno\b|\bnos\b|\bnumber\b|\bis\b|\bnr\b|\bnº|\bn°|\bnúmero|\bnumero|\bномер|№|是|为|番号){0,6}([A-Z]{0,5}[-/ ]?[0-9][A-Z0-9]*(?:[-/][A-Z0-9]+){0,4}|[A-Z]{1,5}[0-9A-Z]*(?:[-/][A-Z0-9]*[0-9][A-Z0-9]*){1,4})`)
	bareCode  = regexp.MustCompile(`\b[A-Z]{1,5}-[0-9]{2,}[A-Z0-9]*(?:[-/][A-Z0-9]+){0,4}|\b[A-Z]{1,5}(?:[-/][A-Z0-9]+){0,3}[-/][0-9]{2,}[A-Z]?\b|\b[A-Z]{1,4}[0-9]{4,}[A-Z]{0,2}\b|\b[0-9]{3,}-[A-Z]{1,4}(?:-[0-9]+)?\b|\b[0-9]{3,}/[0-9]{2,4}-?[A-Z]+\b`)
)

var plateWords = []string{
	"plate", "reg ", "registration", "van", "car", "lorry", "truck", "bus", "taxi", "driver", "kombi", "车牌", "车", "номер", "машин", "plaque", "immatricul", "fourgon",
	"voiture", "camion", "matricula", "placa", "coche", "camioneta", "furgon", "kennzeichen", "auto", "wagen", "transporter", "carro", "ナンバー", "車", "لوحة", "سيارة", "गाड़ी", "गाडी", "नंबर प्लेट", "nummernschild", "targa",
}

// codes finds coordinates, number plates and the numbers of cases, batches, models and the like.
func (f *finder) codes() {
	o := f.t.Original
	f.eachOriginal(f.tight, afterDigit("."), coordinateShape, func(a, b, _, _ int) {
		if onEarth(o[a:b]) {
			f.addOriginal("coordinates", a, b, 88)
		}
	})
	if strings.Contains(o, "°") {
		f.eachOriginal(f.tight, holds("°"), degreesShape, func(a, b, _, _ int) { f.addOriginal("coordinates", a, b, 88) })
	}
	f.eachOriginal(f.tight, f.coded, surePlate, func(a, b, _, _ int) {
		if strings.ContainsAny(o[a:b], "0123456789") {
			f.surely(a, b)
		}
	})
	if says(f.s, plateWords) {
		f.eachOriginal(f.tight, digitsAtLeast(2), likePlate, f.likely)
	}
	f.eachOriginal(f.near, holds(codeWords...), namedCode, func(_, _, a, b int) { f.code(a, b, 73) })
	f.eachOriginal(f.tight, f.coded, bareCode, func(a, b, _, _ int) { f.code(a, b, 61) })
}

// coded is a guard for a digit that touches a letter, a dash, a dot or a slash, or follows a blank after a letter: what
// plates and codes are made of.
func (f *finder) coded(part string) bool {
	for i := 1; i < len(part); i++ {
		a, b := part[i-1], part[i]
		if isDigit(b) && !isDigit(a) && (a != ' ' || i > 1 && (isLetter(part[i-2]) || part[i-2] >= 0x80)) || isDigit(a) && (isLetter(b) || b >= 0x80 || b == '-' || b == '/') {
			return true
		}
	}
	return false
}

// codeWords are the words of namedCode as the folded text has them.
var codeWords = []string{
	"batch", "lot", "model", "serial", "case", "ref", "tender", "badge", "vehicle", "fleet", "order", "invoice", "pcn", "licen", "permit", "contract", "unit", "bus", "boat",
	"hull", "locker", "po box", "charge", "aktenzeichen", "postfach", "nummer", "numero", "modele", "serie", "expediente", "registro", "casco", "interna", "processo", "contrato",
	"парти", "модель", "серия", "артикул", "дело", "бортовои", "批", "型", "编号", "注册", "序列", "工号", "合同", "案号", "单号", "ロット", "番号", "号機", "دفعه", "تشغيله", "موديل", "बैच", "मॉडल",
}

// surely adds a plate by its shape. A Chinese one begins with a province, which no other word before a code is.
func (f *finder) surely(start, end int) {
	r, _ := utf8.DecodeRuneInString(f.t.Original[start:end])
	if r >= 0x4E00 && !strings.Contains(f.t.Original[start:end], "·") && f.lang != "ja" && !strings.ContainsRune(provinces, r) {
		return
	}
	f.addOriginal("plate", start, end, 76)
}

// provinces begin Chinese number plates (GA 36-2018).
const provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领临"

// likely adds a plate where the words before say so.
func (f *finder) likely(start, end, _, _ int) {
	a, b := f.t.FoldedSpan(start, end)
	capitals := strings.ContainsAny(f.t.Original[start:end], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if f.bounded(a, b) && (capitals || says(f.before(a, 24), []string{"plate", "车牌", "placa", "matricula", "ナンバー", "لوحة"})) && says(f.before(a, 40), plateWords) {
		f.add("plate", a, b, 64)
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
