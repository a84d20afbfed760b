package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
)

// LeafLine is one leaf as it is exported; bytes are in base64 (RFC 4648, 4).
type LeafLine struct {
	Number uint64 `json:"number"`
	Hash   string `json:"hash"`
	Leaf   string `json:"leaf"`
}

// CheckpointLine is one Checkpoint as it is exported, with the proof that the tree of the one before it, of Since leaves, is its
// beginning.
type CheckpointLine struct {
	Checkpoint string   `json:"checkpoint"`
	Since      uint64   `json:"since"`
	Proof      []string `json:"proof"`
}

// InclusionLine proves that a leaf is in the tree of a Checkpoint.
type InclusionLine struct {
	LeafLine
	Checkpoint string   `json:"checkpoint"`
	Proof      []string `json:"proof"`
}

// Hashes are the leaf's and those of the proof. ErrInvalid: they are none.
func (l *InclusionLine) Hashes() (leaf Hash, proof []Hash, err error) {
	for i, text := range append([]string{l.Hash}, l.Proof...) {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(b) != len(leaf) {
			return leaf, nil, fmt.Errorf("hash %d of a proof: %w", i, heed.ErrInvalid)
		}
		proof = append(proof, Hash(b))
	}
	return proof[0], proof[1:], nil
}

// ExportLeaves writes the hung leaves after the first since ones, a JSON object a line.
func (s *Stored) ExportLeaves(ctx context.Context, w io.Writer, since uint64) error {
	out := json.NewEncoder(w)
	for r, err := range s.Records(ctx) {
		if err != nil {
			return err
		}
		if r.Seq <= since {
			continue
		}
		if err := out.Encode(leafLine(r)); err != nil {
			return fmt.Errorf("export leaf %d: %w", r.Seq, err)
		}
	}
	return nil
}

func leafLine(r Record) LeafLine {
	return LeafLine{r.Seq, LeafHash(r.Leaf).String(), base64.StdEncoding.EncodeToString(r.Leaf)}
}

// ExportCheckpoints writes the Checkpoints of more than since leaves, a JSON object a line.
func (s *Stored) ExportCheckpoints(ctx context.Context, w io.Writer, since uint64) error {
	out, hashes := json.NewEncoder(w), Remember(s)
	for i, c := range s.Checkpoints {
		if c.Size <= since {
			continue
		}
		line, err := checkpointLine(ctx, hashes, s.Notes[i], c.Size, since)
		if err == nil {
			err = out.Encode(line)
		}
		if err != nil {
			return fmt.Errorf("export the checkpoint of %d leaves: %w", c.Size, err)
		}
		since = c.Size
	}
	return nil
}

// ProveCheckpoint is a stored Checkpoint with the proof that it goes on from the tree of since leaves. hashes are best remembered.
//
// heed.ErrInvalid: it has fewer leaves.
func ProveCheckpoint(ctx context.Context, hashes Hashes, c *heed.CheckpointRecord, since uint64) (CheckpointLine, error) {
	return checkpointLine(ctx, hashes, c.Note, uint64(c.Size), since)
}

// StoredHashes are the leaf hashes that a store keeps, remembered.
func StoredHashes(store heed.Store) Hashes { return Remember(&Stored{Store: store}) }

func checkpointLine(ctx context.Context, hashes Hashes, note []byte, size, since uint64) (CheckpointLine, error) {
	proof, err := ProveConsistency(ctx, hashes, since, size)
	return CheckpointLine{Checkpoint: string(note), Since: since, Proof: texts(proof)}, err
}

func texts(hashes []Hash) []string {
	out := make([]string, len(hashes))
	for i, h := range hashes {
		out[i] = h.String()
	}
	return out
}

// Prove makes the proof that the leaf of a number is in the tree of the last Checkpoint.
//
// heed.ErrInvalid: no Checkpoint covers such a leaf yet.
func (s *Stored) Prove(ctx context.Context, number uint64) (InclusionLine, error) {
	var line InclusionLine
	last := len(s.Checkpoints) - 1
	size := uint64(0)
	if last >= 0 {
		size, line.Checkpoint = s.Checkpoints[last].Size, string(s.Notes[last])
	}
	proof, err := ProveInclusion(ctx, s, number-1, size)
	if err != nil {
		return line, err
	}
	line.Proof = texts(proof)
	for r, err := range s.Records(ctx) {
		if err != nil {
			return line, err
		}
		if r.Seq == number {
			line.LeafLine = leafLine(r)
			break
		}
	}
	return line, nil
}

// Notes finds the signed notes in what somebody kept: a note as it is, or lines as ExportCheckpoints writes them, of which those of
// leaves are passed over. heed.ErrInvalid: it is neither.
func Notes(text []byte) (notes [][]byte, err error) {
	if !bytes.HasPrefix(text, []byte("{")) {
		return [][]byte{text}, nil
	}
	for in := json.NewDecoder(bytes.NewReader(text)); ; {
		var line CheckpointLine
		switch err := in.Decode(&line); {
		case errors.Is(err, io.EOF):
			return notes, nil
		case err != nil:
			return nil, fmt.Errorf("lines of checkpoints: %w", heed.ErrInvalid)
		case line.Checkpoint != "":
			notes = append(notes, []byte(line.Checkpoint))
		}
	}
}
