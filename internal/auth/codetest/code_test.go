package codetest_test

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/auth/codetest"
)

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	// RFC 6238, appendix B, SHA-1, its eight digits cut to six.
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := codetest.Code(t, secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
	}
}
