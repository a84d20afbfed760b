package seal

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	heed "github.com/heed-line/heed"
)

// backupStanza is the type of the age stanza that holds a backup's file key for the line's own content key. Tools that don't
// know it pass it over, as age's format wants.
const backupStanza = "heed-content"

// backupPlace is where a backup's file key stands, wrapped to the content key. It names no line: who opens a backup learns from it whose
// it is.
func backupPlace() Binding { return Binding{Field: "backup", Version: 1} }

// contextBackup is the context of the signature over a backup.
const contextBackup = "backup/1"

// SealBackup seals what is written as an age file for two holders: whoever has the offline recovery key, with the plain age
// tool, and the line itself, with its content key. Close writes the end; it doesn't close w.
func SealBackup(w io.Writer, content *PublicKey, recovery Recipient) (io.WriteCloser, error) {
	out, err := age.Encrypt(w, recovery.recipient, contentRecipient{content, recovery.hybrid})
	if err != nil {
		return nil, fmt.Errorf("sealing a backup: %w", err)
	}
	return out, nil
}

// contentRecipient wraps a file key to the content key. Beside a post-quantum recipient it says that it is one too, which
// it is: else age refuses to mix them.
type contentRecipient struct {
	key    *PublicKey
	hybrid bool
}

// Wrap implements age.Recipient.
func (r contentRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	wrapped, err := r.key.Wrap(backupPlace(), fileKey)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: backupStanza, Body: wrapped}}, nil
}

// WrapWithLabels implements age.RecipientWithLabels.
func (r contentRecipient) WrapWithLabels(fileKey []byte) (stanzas []*age.Stanza, labels []string, err error) {
	if r.hybrid {
		labels = []string{"postquantum"}
	}
	stanzas, err = r.Wrap(fileKey)
	return stanzas, labels, err
}

// BackupOpener opens backups with what there is: the content key of a keystore that still exists, or a recovery identity.
type BackupOpener struct{ identities []age.Identity }

// ContentOpener opens a line's own backups.
func ContentOpener(content *PrivateKey) BackupOpener {
	return BackupOpener{[]age.Identity{contentIdentity{content}}}
}

// RecoveryOpener opens what was sealed to the recovery key, given as age-keygen wrote it. ErrInvalid: it is no identity of age's.
func RecoveryOpener(identity string) (BackupOpener, error) {
	identities, err := age.ParseIdentities(strings.NewReader(identity))
	if err != nil {
		return BackupOpener{}, fmt.Errorf("age identity: %w", heed.ErrInvalid) // the cause would quote a secret
	}
	return BackupOpener{identities}, nil
}

// Or opens with what either has.
func (o BackupOpener) Or(p BackupOpener) BackupOpener {
	return BackupOpener{append(append([]age.Identity(nil), o.identities...), p.identities...)}
}

// Open opens a backup. ErrSealed: it can't be opened, because it is another's or damaged. Damage further on, and an end that
// was cut off, show in Read as ErrSealed.
func (o BackupOpener) Open(r io.Reader) (io.Reader, error) {
	plain, err := age.Decrypt(r, o.identities...) // without one it fails too
	if err != nil {
		return nil, cannotOpen("a backup")
	}
	return backupReader{plain}, nil
}

// backupReader names what age finds wrong as the domain does.
type backupReader struct{ io.Reader }

// Read implements io.Reader.
func (r backupReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cannotOpen("a backup's next part")
	}
	return n, err
}

// contentIdentity opens contentRecipient's stanza.
type contentIdentity struct{ key *PrivateKey }

// Unwrap implements age.Identity.
func (i contentIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != backupStanza || len(s.Args) > 0 {
			continue
		}
		fileKey, err := i.key.Unwrap(backupPlace(), s.Body)
		if err == nil {
			return fileKey, nil
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// SignBackup signs a backup's sum with the audit key.
func SignBackup(audit *Signer, sum []byte) []byte { return audit.Sign(contextBackup, sum) }

// VerifyBackup checks that the audit key signed a backup's sum. ErrInvalid: it didn't.
func VerifyBackup(audit *Verifier, sum, signature []byte) error {
	return audit.Verify(contextBackup, sum, signature)
}
