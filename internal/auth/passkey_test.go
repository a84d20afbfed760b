package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestPasskeysBelongToNamesByHTTPSAndToLocalhost(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://desk.example": true, "https://desk.example:8443": true, "http://localhost:8081": true, "http://desk.example": false,
		"http://127.0.0.1:8081": false, "https://[::1]:8443": false, "https://10.0.0.5": false, "": false, "https://": false,
	} {
		if _, ok := auth.SiteOf(origin); ok != want {
			t.Errorf("%q: %v, want %v", origin, ok, want)
		}
	}
}

func fuzzStore(f *testing.F) heed.Store {
	f.Helper()
	store, err := sqlite.Open(context.Background(), sqlitetest.File(f, f.TempDir()), sqlite.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := store.Close(); err != nil {
			f.Error(err)
		}
	})
	return store
}

// Strangers reach the reader of a passkey's answer. Whatever they send, also under a challenge of ours, opens nothing.
func FuzzWhatIsNoPasskeysAnswerOpensNothing(f *testing.F) {
	service := auth.New(auth.Config{Store: fuzzStore(f), Now: time.Now})
	site, _ := auth.SiteOf("https://desk.example")
	browser := auth.NewBrowser()
	options, err := service.AskPasskey(site, browser)
	if err != nil {
		f.Fatal(err)
	}
	var asked struct{ Challenge string }
	if err := json.Unmarshal(options, &asked); err != nil || asked.Challenge == "" {
		f.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	client := text([]byte(`{"type":"webauthn.get","challenge":"` + asked.Challenge + `","origin":"https://desk.example"}`))
	f.Add([]byte(`{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"` + client + `","authenticatorData":"` +
		text(make([]byte, 37)) + `","signature":"AAAA","userHandle":"AAAA"}}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, response []byte) {
		session, _, err := service.SignInByPasskey(context.Background(), site, browser, response)
		if session != "" || !errors.Is(err, heed.ErrForbidden) {
			t.Fatal(err)
		}
	})
}
