package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

func TestATelephonesAddressIsOneThatCanBeCalledAndNothingElse(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "sip:201@pbx.example": "sip:201@pbx.example", " 201@pbx.example ": "sip:201@pbx.example", "SIP:ann.b@10.0.0.7:5061": "sip:ann.b@10.0.0.7:5061",
		"sip:201@[2001:db8::7]:5070": "sip:201@[2001:db8::7]:5070",
	} {
		if got, err := auth.CheckPhone(typed); err != nil || got != want {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{
		"201", "sip:201", "sip:@pbx.example", "sip:201@", "sip:20 1@pbx.example", "sip:201:secret@pbx.example", "sip:201@pbx.example?Subject=x",
		"sip:201@pbx.example;maddr=10.0.0.1", "sip:201@pbx.example:0", "sip:201@pbx.example:99999", "sip:201@[10.0.0.1]", "sip:201@[2001:db8::7", "tel:+4930123", "sips:201@pbx.example", "sip:201@pbx;transport=tcp", "sip:a;b@pbx",
		"sip:201@pbx.example\r\nVia: x", "sip:201@-pbx.example", "sip:201@pbx..example", "sip:a@b@c", "sip:" + strings.Repeat("1", 201) + "@pbx", "sip:٢٠١@pbx.example",
	} {
		var problem *heed.Problem
		if got, err := auth.CheckPhone(typed); !errors.As(err, &problem) || problem.Field != "phone" {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}
