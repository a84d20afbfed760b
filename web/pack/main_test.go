package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheProgramCarriesTheLocaleFilesAsTheyAre(t *testing.T) {
	of, err := pack(os.DirFS("../locales"))
	if err != nil {
		t.Fatal(err)
	}
	carried, err := os.ReadFile("../locales.zip")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(of, carried) {
		t.Error("web/locales.zip isn't of the files in web/locales: go generate ./web")
	}
}
