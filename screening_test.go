package heed

import (
	"encoding/json"
	"testing"
)

func TestAReasonsPlaceIsWhole(t *testing.T) {
	for name, c := range map[string]struct {
		reason Reason
		want   string
	}{
		"at the beginning": {Reason{For: "category", Rule: "hazard", Phrase: "gas", End: 3, Weight: 2}, `{"for":"category","rule":"hazard","phrase":"gas","start":0,"end":3,"weight":2}`},
		"further on":       {Reason{For: "category", Rule: "hazard", Phrase: "gas", Start: 4, End: 7}, `{"for":"category","rule":"hazard","phrase":"gas","start":4,"end":7,"weight":0}`},
		"no phrase":        {Reason{For: "duplicate", Rule: "campaign", Weight: 9}, `{"for":"duplicate","rule":"campaign","weight":9}`},
	} {
		got, err := json.Marshal([]Reason{c.reason})
		if err != nil || string(got) != "["+c.want+"]" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		var back Reason
		if err := json.Unmarshal([]byte(c.want), &back); err != nil || back != c.reason {
			t.Errorf("%s: read back as %+v, %v", name, back, err)
		}
	}
}

func TestAReasonStoredWithoutItsStartIsRead(t *testing.T) {
	var r Reason
	if err := json.Unmarshal([]byte(`{"for":"category","rule":"hazard","phrase":"gas","end":3,"weight":2}`), &r); err != nil {
		t.Fatal(err)
	}
	if want := (Reason{For: "category", Rule: "hazard", Phrase: "gas", End: 3, Weight: 2}); r != want {
		t.Errorf("%+v", r)
	}
}
