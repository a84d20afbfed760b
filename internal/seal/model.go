package seal

import (
	"encoding/binary"
	"fmt"

	"github.com/heed-line/heed"
)

// SealModel seals what a line's own model holds under a new key, which only the content key opens.
func SealModel(content *PublicKey, line string, model heed.ID, file, figures []byte) (*heed.ModelFile, error) {
	key := NewKey()
	wrapped, err := content.Wrap(modelKeyPlace(line, model), key[:])
	if err != nil {
		return nil, err
	}
	return &heed.ModelFile{
		WrappedKey: wrapped, Sealed: key.Seal(ModelPlace(line, model), file), Figures: key.Seal(ModelFiguresPlace(line, model), figures),
	}, nil
}

// OpenModel opens what SealModel sealed. ErrSealed: it can't be opened.
func OpenModel(content *PrivateKey, line string, model heed.ID, f *heed.ModelFile) (file, figures []byte, err error) {
	b, err := content.Unwrap(modelKeyPlace(line, model), f.WrappedKey)
	if err != nil {
		return nil, nil, err
	}
	key, err := ParseKey(b)
	if err != nil {
		return nil, nil, err
	}
	if file, err = key.Open(ModelPlace(line, model), f.Sealed); err != nil {
		return nil, nil, err
	}
	figures, err = key.Open(ModelFiguresPlace(line, model), f.Figures)
	return file, figures, err
}

// contextModel is what the audit key signs a model's adoption under.
const contextModel = "model/1"

// SignModel signs with the audit key, into m.Signature, that m.ProposedBy proposed the model and m.SecondBy approved it, at
// m.SecondAt.
func SignModel(audit *Signer, line string, m *heed.LineModel) {
	m.Signature = audit.Sign(contextModel, modelStatement(line, m))
}

// VerifyModel checks m.Signature. ErrInvalid: the audit key never signed that these two adopted this model for this line, or
// they are one person.
func VerifyModel(audit *Verifier, line string, m *heed.LineModel) error {
	if m.ProposedBy == "" || m.SecondBy == "" || m.ProposedBy == m.SecondBy {
		return fmt.Errorf("a model of one person: %w", heed.ErrInvalid)
	}
	return audit.Verify(contextModel, modelStatement(line, m), m.Signature)
}

func modelStatement(line string, m *heed.LineModel) []byte {
	out := appendString(nil, line)
	for _, s := range []string{string(m.ID), m.Version, m.Base, string(m.SHA256), string(m.ProposedBy), string(m.SecondBy)} {
		out = appendString(out, s)
	}
	return binary.BigEndian.AppendUint64(out, uint64(m.SecondAt.UnixMilli()))
}
