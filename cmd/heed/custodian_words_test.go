package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/sqlite"
)

func TestNoProblemOfACustodiansIsACodeAloneAtTheTerminal(t *testing.T) {
	said := func(p *heed.Problem) string { return "the desk's words for " + p.Code }
	for _, code := range []string{"passphrase-wrong", "custodian-key-changed", "custodian-last", "custodian-key-elsewhere", "agreement-over", "any-other"} {
		got := custodianFault(&heed.Problem{Code: code}, "dana", "eve", said).Error()
		words, named := strings.CutSuffix(got, " ["+code+"]")
		if !named || len(strings.Fields(words)) < 4 {
			t.Errorf("%s: %q", code, got)
		}
	}
}

func TestTheDoctorNamesWhatWasCutShortOfCustodiansAndWhatToRun(t *testing.T) {
	l := startLine(t)
	l.addStaff("dana", "custodian")
	l.addStaff("bo", "specialist") // a Custodian until a moment ago
	l.stop()                       // it would complete what it finds
	ids := map[string]heed.ID{}
	store, err := sqlite.Open(t.Context(), filepath.Join(l.data, "heed.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.AllStaff(t.Context())
		for _, a := range all {
			ids[a.Name] = a.ID
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	keys, err := keystore.OpenDirectory(filepath.Join(l.data, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, value string
		says        []string
	}{
		{"custodians/replaced", "1", []string{"fault", "custodian replacement", "was cut short", "heed serve"}},
		{"custodians/replaced", "99", []string{"note", "custodian replacement", "never happened", "heed custodian replace"}},
		{"custodians/removed/" + string(ids["bo"]), "noted", []string{"fault", "custodian removal", "of bo was cut short", "heed serve"}},
		{"custodians/removed/" + string(ids["dana"]), "noted", []string{"note", "custodian removal", "of dana was begun and never happened", "heed custodian remove dana"}},
	} {
		if err := keys.Put(t.Context(), c.name, []byte(c.value)); err != nil {
			t.Fatal(err)
		}
		out, _, _ := l.try("doctor")
		if err := keys.Delete(t.Context(), c.name); err != nil {
			t.Fatal(err)
		}
		for _, words := range c.says {
			if !strings.Contains(out, words) {
				t.Errorf("%s: the doctor doesn't say %q:\n%s", c.name, words, out)
			}
		}
	}
}
