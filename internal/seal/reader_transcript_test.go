package seal_test

import "encoding/json"

// readTranscript opens what a machine heard in a file by docs/crypto.md, "Transcript".
func readTranscript(v struct {
	Data                     octets
	Line, Report, Attachment string
	Transcript               string
	Text                     string
	Sealed                   octets
}) error {
	place := bindingVector{Line: v.Line, Report: v.Report, Field: "transcript/" + v.Attachment, Version: 1}
	plain, err := unseal(v.Data, v.Sealed[1:13], v.Sealed[13:], place.encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	if err := is("the transcript", plain, octets(v.Transcript)); err != nil {
		return err
	}
	var read struct {
		Text     string
		Passages []struct{ Start, End, At int }
	}
	if err := json.Unmarshal(plain, &read); err != nil {
		return err
	}
	last := read.Passages[len(read.Passages)-1]
	return is("its last passage", octets(read.Text[last.Start:last.End]), octets(v.Text))
}
