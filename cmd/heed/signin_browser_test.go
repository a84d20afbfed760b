package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/auth/codetest"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

func TestEveryPageOfSigningInIsAccessible(t *testing.T) {
	for _, v := range []view{{1280, "en", true}, {320, "ar", false}, {320, "ru", true}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			l := startLine(t)
			b := openTab(t, v)
			b.open(strings.TrimSpace(l.command("staff", "add", "nadia", "--role", "specialist", "--language", v.language)))
			b.write("#passphrase", testPassphrase)
			b.write("#again", "another "+testPassphrase)
			b.write("#code", "000000")
			b.press(`form:has(#again) button[type=submit]`)
			b.check("enrolment refused")
			b.write("#passphrase", testPassphrase)
			b.write("#again", testPassphrase)
			b.write("#code", codetest.Code(t, b.text("code.hash"), time.Now()))
			b.press(`form:has(#again) button[type=submit]`)
			b.check("recovery codes")
			b.picture(fmt.Sprintf("desk-recovery-%s-%d", v.language, v.width))
			recovery := b.text("#recovery-codes li:first-child code")

			c := openTab(t, v)
			c.open(l.desk + "/sign-in")
			c.write("#name", "nadia")
			c.write("#passphrase", testPassphrase)
			c.press(`form:has(#passphrase) button[type=submit]`)
			c.check("second step")
			c.picture(fmt.Sprintf("desk-second-%s-%d", v.language, v.width))
			c.write("#code", "000000")
			c.press(`form:has(#code) button[type=submit]`)
			c.check("second step refused")
			c.open(l.desk + "/sign-in/recover")
			c.write("#name", "nadia")
			c.write("#code", "AAAA-AAAA-AAAA-AAAA")
			c.press(`form:has(#code) button[type=submit]`)
			c.check("recovery refused")
			c.write("#name", "nadia")
			c.write("#code", recovery)
			c.press(`form:has(#code) button[type=submit]`)
			c.check("recovered")
			c.open(l.desk + "/settings")
			c.check("settings")
		})
	}
}

// The pages that need something else before they are there: a helper that answers, a package for a department.
func TestThePagesOfAHelperAndOfAPackageAreAccessible(t *testing.T) {
	helper := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": "Smoke comes out of a cabinet."}}}}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(helper.Close)
	_, recipient := seal.GenerateRecipient(true)
	text := strings.ReplaceAll(string(profile.DefaultYAML()), "recipients: []", "recipients: ["+recipient+"]")
	text = strings.Replace(text, `url: "" # its root`, `url: "`+helper.URL+`/v1" # its root`, 1)
	text = strings.Replace(text, `model: "" # as`, `model: "small" # as`, 1)
	file := filepath.Join(t.TempDir(), "profile.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range []view{{1280, "en", true}, {320, "ar", false}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			l := startLine(t, "--profile", file)
			amira := colleague{l, t, l.addStaff("amira", "specialist", "--language", v.language)}
			berta := colleague{l, t, l.addStaff("berta", "specialist,lead", "--language", v.language)}
			l.addStaff("fiona", "liaison", "--department", "fire-safety", "--language", v.language)
			l.submit(map[string]any{"text": told})
			id := l.onlyReport(t, amira.token)
			b := l.sits(t, v, "amira")
			b.open(l.desk + "/reports/" + id)
			b.check("a report with a helper")
			task := "translation"
			if v.language == "en" { // which the report is in
				task = "summary"
			}
			b.press(`button[name=task][value=` + task + `]`)
			b.check("a " + task)
			b.picture(fmt.Sprintf("desk-engine-%s-%d", v.language, v.width))
			if !strings.Contains(b.text("main"), "Smoke comes out of a cabinet.") {
				t.Errorf("the page shows %q", b.text("main"))
			}
			l.refer(t, amira, berta, id)
			referral := l.signIn(t, "fiona").awaitReferral()
			f := l.sits(t, v, "fiona")
			f.open(l.desk + "/referrals/" + referral)
			f.check("a package")
		})
	}
}
