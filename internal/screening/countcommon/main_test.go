package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTheTableOfCommonWordsIsWhatIsCounted(t *testing.T) {
	shipped, err := os.ReadFile(filepath.Join("..", out))
	if err != nil {
		t.Fatal(err)
	}
	table, texts, err := counted(filepath.Join("..", written))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(table, shipped) {
		t.Errorf("%d texts make another table: go generate ./internal/screening", texts)
	}
}
