package main

import (
	"os"
	"testing"
	"time"
)

// TestThePicturesOfTheDocuments takes the pictures that the documents show, of a line with a few reports in it:
// `make pictures`.
func TestThePicturesOfTheDocuments(t *testing.T) {
	if os.Getenv("HEED_PICTURES") == "" {
		t.Skip("takes pictures for the documents: HEED_PICTURES names their folder")
	}
	l := startLine(t)
	token := l.addStaff("amira", "specialist,lead")
	for _, r := range []map[string]any{
		{"text": "The back door of the cinema on Weaver Street is chained shut during every show. Tonight at 20:00 it is sold out.", "place": "Weaver Street 12", "language": "en"},
		{"text": "有人给我打电话，说我的账户有问题，要我把八千元转到“安全账户”。号码是 400-555-0199。", "language": "zh-Hans"},
		{"text": "El camión blanco vuelca bidones en el arroyo detrás de la fábrica todos los martes por la noche.", "place": "Camino del Molino", "language": "es"},
		{"text": "السائق في الحافلة رقم 14 ينظر إلى هاتفه طوال الطريق، وكاد يصدم طفلًا صباح اليوم.", "language": "ar"},
		{"text": "My landlord's cousin keeps our passports in a drawer and locks the workshop door at night. There are five of us.", "language": "en"},
		{"text": "Le lait pour bébé vendu au marché sent l'essence. Mon fils a vomi deux fois hier soir.", "language": "fr"},
		{"text": told + " It started ten minutes ago and children are coming out now. Call the caretaker on 020 7946 0018.", "place": "Mill Lane school", "occurred": "today, 15:20", "language": "en"},
	} {
		l.submit(r)
	}
	eventually(t, time.Minute, "seven reports in the queue", func() bool { return len(l.reports(t, token, "?state=queued")) == 7 })
	l.takePortal(t)
	l.takeDesk(t, l.reports(t, token, "?state=queued&urgency=immediate")[0].ID, token)
}

func (l *testLine) takePortal(t *testing.T) {
	start := openTab(t, view{390, "en", true})
	start.open(l.public + "/")
	start.picture("portal-start")
	arabic := openTab(t, view{390, "ar", true})
	arabic.open(l.public + "/report?lang=ar")
	arabic.picture("portal-report-arabic")
}

func (l *testLine) takeDesk(t *testing.T, id, token string) {
	colleague{l, t, token}.does("/reports/"+id+"/claim", nil)
	b := openTab(t, view{1440, "en", true})
	b.open(l.desk + "/sign-in")
	b.write("#name", "amira")
	b.write("#passphrase", testPassphrase)
	b.press(`main form button[type=submit]`)
	b.open(l.desk + "/reports/" + id)
	b.picture("desk")
}
