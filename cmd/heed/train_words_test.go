package main

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func TestWhatKeepsAnActOnAModelIsSaidInItsOwnWordsAtTheTerminal(t *testing.T) {
	oneHand := &heed.Problem{Code: "one-hand", Args: map[string]any{"First": "ada", "Admin": "root"}}
	if said := modelFault(oneHand, "lou", "line-1").Error(); !strings.Contains(said, "ada and lou don't count as two people yet") || !strings.Contains(said, "a link of root") {
		t.Errorf("%q", said)
	}
	if said := modelFault(&heed.Problem{Code: "model-outdated"}, "lou", "line-1").Error(); !strings.Contains(said, "train anew") {
		t.Errorf("%q", said)
	}
	if err := modelFault(nil, "lou", "line-1"); err != nil {
		t.Error(err)
	}
}
