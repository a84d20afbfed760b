package audit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// Settings of the audit.
const (
	settingHead   = "audit.head"   // the signed Head
	settingPublic = "audit.public" // the Checkpoint that everybody is shown, as JSON of Published
	settingDoubt  = "clock.doubt"  // since when the host's clock is doubted, as JSON of Doubt; empty: it isn't
	settingAsked  = "clock.asked"  // who asked to believe it again, as JSON of Asked; empty: nobody
)

// Head is where the sequencer stands: the tree so far, and the floor, before which no leaf is dated any more.
type Head struct {
	Seq      int64     // the store's number of the last leaf that was looked at
	Floor    time.Time // milliseconds, UTC
	Frontier *Frontier
}

// headContext and headBegin are in the form of a stored Head (docs/audit.md, "The head").
const (
	headContext   = "audit-head/1"
	headSignature = 64
	headBegin     = headSignature + 8 + 8
)

// KeySigner is the audit key, which signs the head beside Checkpoints. The Signer of package seal is one.
type KeySigner interface {
	Signer
	Sign(context string, message []byte) []byte
}

// KeyVerifier is its public half. The Verifier of package seal is one.
type KeyVerifier interface {
	Verifier
	Verify(context string, message, signature []byte) error
}

// bytes is the Head to store: signature[64] ‖ u64 seq ‖ u64 floor ‖ frontier. It is signed so that nobody moves the floor who
// has no more than the store.
func (h *Head) bytes(line string, s KeySigner) []byte {
	message := binary.BigEndian.AppendUint64(nil, uint64(h.Seq))
	message = binary.BigEndian.AppendUint64(message, uint64(h.Floor.UnixMilli()))
	message = append(message, h.Frontier.Bytes()...)
	return append(s.Sign(headContext, append([]byte(line+"\n"), message...)), message...)
}

func parseHead(b []byte, line string, v KeyVerifier) (*Head, error) {
	if len(b) < headBegin {
		return nil, fmt.Errorf("head of %d bytes: %w", len(b), heed.ErrInvalid)
	}
	signature, message := b[:headSignature], b[headSignature:]
	if err := v.Verify(headContext, append([]byte(line+"\n"), message...), signature); err != nil {
		return nil, err
	}
	frontier, err := ParseFrontier(b[headBegin:])
	if err != nil {
		return nil, err
	}
	return &Head{
		Seq: int64(binary.BigEndian.Uint64(message)), Floor: time.UnixMilli(int64(binary.BigEndian.Uint64(message[8:]))).UTC(), Frontier: frontier,
	}, nil
}

// ReadHead reads where the sequencer stands; before its first run that is an empty tree and no floor.
//
// ErrInvalid: the audit key didn't sign it for this line.
func ReadHead(ctx context.Context, tx heed.SettingTx, line string, v KeyVerifier) (*Head, error) {
	h, _, err := readHead(ctx, tx, line, v)
	return h, err
}

// readHead also gives the stored bytes, nil before the first run.
func readHead(ctx context.Context, tx heed.SettingTx, line string, v KeyVerifier) (*Head, []byte, error) {
	stored, err := tx.Setting(ctx, settingHead)
	if errors.Is(err, heed.ErrNotFound) {
		return &Head{Frontier: &Frontier{}}, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the audit's head: %w", err)
	}
	h, err := parseHead(stored, line, v)
	if err != nil {
		return nil, nil, fmt.Errorf("read the audit's head: %w", err)
	}
	return h, stored, nil
}

// Published is the Checkpoint that everybody is shown. It is renewed once a day and after an Erasure of Identities only: from
// the sizes of more of them anybody could read when something happens.
type Published struct {
	At   time.Time `json:"at"`
	Note string    `json:"note"`
}

// PublicCheckpoint is the Checkpoint that everybody is shown; "" before the first.
func PublicCheckpoint(ctx context.Context, tx heed.SettingTx) (string, error) {
	var p Published
	err := readJSON(ctx, tx, settingPublic, &p)
	return p.Note, err
}

// Doubt says that the host's clock isn't believed.
type Doubt struct {
	At   time.Time `json:"at"`   // the line's time when it was first doubted
	Host time.Time `json:"host"` // what the host's clock said then
}

// Asked is one person's wish that the host's clock is believed again.
type Asked struct {
	By heed.ID   `json:"by"`
	At time.Time `json:"at"`
}

// Doubted is since when the host's clock is doubted; nil where it isn't.
func Doubted(ctx context.Context, tx heed.SettingTx) (*Doubt, error) {
	var d Doubt
	if err := readJSON(ctx, tx, settingDoubt, &d); err != nil || d.At.IsZero() {
		return nil, err
	}
	return &d, nil
}

// SetClock tells a process's Clock, before it does anything by it, what the line agreed on. ErrInvalid: the audit key didn't sign
// the head.
func SetClock(ctx context.Context, tx heed.SettingTx, c *Clock, line string, v KeyVerifier) error {
	head, err := ReadHead(ctx, tx, line, v)
	if err != nil {
		return err
	}
	doubt, err := Doubted(ctx, tx)
	if err != nil {
		return err
	}
	c.Learn(head.Floor)
	if doubt != nil {
		c.Doubt(later(head.Floor, doubt.At))
	}
	return nil
}

// readJSON leaves v as it is where there is no such setting or an empty one.
func readJSON(ctx context.Context, tx heed.SettingTx, name string, v any) error {
	stored, err := tx.Setting(ctx, name)
	if errors.Is(err, heed.ErrNotFound) || err == nil && len(stored) == 0 {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(stored, v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

func putJSON(ctx context.Context, tx heed.SettingTx, name string, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		err = tx.PutSetting(ctx, name, b)
	}
	if err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	return nil
}
