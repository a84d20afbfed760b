package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// This file is a second reader of what docs/audit.md describes, written from that page. It shares no code with the package: it
// computes by the definitions and not by the algorithms, and imports the standard library alone.

func node(left, right [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// largestPower is the largest power of two below n.
func largestPower(n uint64) uint64 {
	k := uint64(1)
	for 2*k < n {
		k *= 2
	}
	return k
}

// rootByDefinition is MTH of RFC 6962, 2.1, over leaf hashes.
func rootByDefinition(hashes [][32]byte) [32]byte {
	switch len(hashes) {
	case 0:
		return sha256.Sum256([]byte{})
	case 1:
		return hashes[0]
	}
	k := largestPower(uint64(len(hashes)))
	return node(rootByDefinition(hashes[:k]), rootByDefinition(hashes[k:]))
}

// inclusionByDefinition undoes PATH of RFC 6962, 2.1.1, from its end.
func inclusionByDefinition(path [][32]byte, index, size uint64, leaf, root [32]byte) bool {
	got, ok := climb(path, index, size, leaf)
	return ok && got == root
}

func climb(path [][32]byte, index, size uint64, leaf [32]byte) ([32]byte, bool) {
	if index >= size || size == 1 || len(path) == 0 {
		return leaf, size == 1 && index == 0 && len(path) == 0
	}
	sibling, rest, k := path[len(path)-1], path[:len(path)-1], largestPower(size)
	if index < k {
		left, ok := climb(rest, index, k, leaf)
		return node(left, sibling), ok
	}
	right, ok := climb(rest, index-k, size-k, leaf)
	return node(sibling, right), ok
}

// consistencyByDefinition undoes PROOF of RFC 6962, 2.1.2, from its end.
func consistencyByDefinition(path [][32]byte, older, newer uint64, olderRoot, newerRoot [32]byte) bool {
	if older == 0 {
		empty := rootByDefinition(nil)
		return len(path) == 0 && olderRoot == empty && (newer > 0 || newerRoot == empty)
	}
	if older > newer {
		return false
	}
	o, n, ok := climbBoth(path, older, newer, &olderRoot)
	return ok && o == olderRoot && n == newerRoot
}

func climbBoth(path [][32]byte, older, newer uint64, known *[32]byte) (o, n [32]byte, ok bool) {
	if older == newer {
		if known != nil {
			return *known, *known, len(path) == 0
		}
		if len(path) != 1 {
			return o, n, false
		}
		return path[0], path[0], true
	}
	if len(path) == 0 {
		return o, n, false
	}
	sibling, rest, k := path[len(path)-1], path[:len(path)-1], largestPower(newer)
	if older <= k {
		o, n, ok = climbBoth(rest, older, k, known)
		return o, node(n, sibling), ok
	}
	o, n, ok = climbBoth(rest, older-k, newer-k, nil)
	return node(sibling, o), node(sibling, n), ok
}

// readLeaf takes a leaf apart in the order of the page's table.
func readLeaf(b []byte) (map[string]string, error) {
	r := bytes.NewReader(b)
	var head struct {
		Version byte
		Seq     uint64
		Millis  int64
	}
	if err := binary.Read(r, binary.BigEndian, &head); err != nil || head.Version != 1 {
		return nil, fmt.Errorf("head of a leaf: version %d, %v", head.Version, err)
	}
	read := map[string]string{
		"seq": strconv.FormatUint(head.Seq, 10),
		"at":  time.UnixMilli(head.Millis).UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	for _, name := range []string{"actor", "act", "report", "details", "commitment"} {
		var length uint32
		if err := binary.Read(r, binary.BigEndian, &length); err != nil || int(length) > r.Len() {
			return nil, fmt.Errorf("length of %s: %v", name, err)
		}
		value := make([]byte, length)
		if _, err := r.Read(value); err != nil && length > 0 {
			return nil, err
		}
		read[name] = string(value)
	}
	if r.Len() > 0 {
		return nil, fmt.Errorf("%d bytes too many", r.Len())
	}
	read["commitment"] = hex.EncodeToString([]byte(read["commitment"]))
	return read, nil
}

// readCheckpoint checks the one signature of a Checkpoint and gives its four lines.
func readCheckpoint(note string, public []byte) ([]string, error) {
	text, below, found := strings.Cut(note, "\n\n")
	text += "\n"
	lines := strings.Split(text, "\n")
	if !found || len(lines) != 5 {
		return nil, fmt.Errorf("%d lines", len(lines))
	}
	fields := strings.Split(strings.TrimSuffix(below, "\n"), " ")
	if len(fields) != 3 || fields[0] != "\u2014" || fields[1] != lines[0] {
		return nil, fmt.Errorf("signature line %q", below)
	}
	sig, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(sig) != 4+64 {
		return nil, fmt.Errorf("signature of %d bytes: %v", len(sig), err)
	}
	id := sha256.Sum256([]byte(lines[0] + "\n\x01" + string(public)))
	if !bytes.Equal(sig[:4], id[:4]) || !ed25519.Verify(public, []byte(text), sig[4:]) {
		return nil, fmt.Errorf("the signature is another's")
	}
	return lines[:4], nil
}

// open reads a file of vectors into v.
func open(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hash(t *testing.T, s string) [32]byte { return [32]byte(unhex(t, s)) }

func hashesOf(t *testing.T, list []string) (hashes [][32]byte) {
	for _, s := range list {
		hashes = append(hashes, hash(t, s))
	}
	return hashes
}

func TestASecondReaderTakesTheLeavesOfTheVectorsApart(t *testing.T) {
	var vectors []struct {
		Seq                                                uint64
		At, Actor, Act, Report, Details, Note, Salt, Bytes string
		Commitment, Hash                                   string
	}
	open(t, "leaf.json", &vectors)
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors {
		read, err := readLeaf(unhex(t, v.Bytes))
		if err != nil {
			t.Fatalf("leaf %d: %v", v.Seq, err)
		}
		want := map[string]string{
			"seq": strconv.FormatUint(v.Seq, 10), "at": v.At, "actor": v.Actor, "act": v.Act, "report": v.Report,
			"details": v.Details, "commitment": v.Commitment,
		}
		for name := range want {
			if read[name] != want[name] {
				t.Errorf("leaf %d: %s is %q, want %q", v.Seq, name, read[name], want[name])
			}
		}
		if sha256.Sum256(append([]byte{0}, unhex(t, v.Bytes)...)) != hash(t, v.Hash) {
			t.Errorf("leaf %d has another hash", v.Seq)
		}
		if v.Salt == "" {
			continue
		}
		if sha256.Sum256([]byte("heed/note/1\x00"+string(unhex(t, v.Salt))+v.Note)) != hash(t, v.Commitment) {
			t.Errorf("leaf %d has another commitment", v.Seq)
		}
	}
}

func TestASecondReaderChecksTheTreesOfTheVectors(t *testing.T) {
	var vectors []struct {
		Leaves, Roots []string
		Inclusion     []struct {
			Index, Size uint64
			Proof       []string
		}
		Consistency []struct {
			Older, Newer uint64
			Proof        []string
		}
	}
	open(t, "tree.json", &vectors)
	for _, v := range vectors {
		var hashes, roots [][32]byte
		for _, leaf := range v.Leaves {
			hashes = append(hashes, sha256.Sum256(append([]byte{0}, unhex(t, leaf)...)))
		}
		roots = hashesOf(t, v.Roots)
		for size := range len(hashes) + 1 {
			if rootByDefinition(hashes[:size]) != roots[size] {
				t.Errorf("another root of %d leaves", size)
			}
		}
		for _, p := range v.Inclusion {
			if !inclusionByDefinition(hashesOf(t, p.Proof), p.Index, p.Size, hashes[p.Index], roots[p.Size]) {
				t.Errorf("leaf %d isn't proven in %d", p.Index, p.Size)
			}
		}
		for _, p := range v.Consistency {
			if !consistencyByDefinition(hashesOf(t, p.Proof), p.Older, p.Newer, roots[p.Older], roots[p.Newer]) {
				t.Errorf("%d isn't proven the beginning of %d", p.Older, p.Newer)
			}
		}
		if len(v.Inclusion) == 0 || len(v.Consistency) == 0 {
			t.Error("no proofs")
		}
	}
}

func TestASecondReaderChecksTheCheckpointsOfTheVectors(t *testing.T) {
	var leaves []struct{ Hash string }
	open(t, "leaf.json", &leaves)
	var hashes [][32]byte
	for _, l := range leaves {
		hashes = append(hashes, hash(t, l.Hash))
	}
	var vectors []struct {
		Public, Origin, Root, At, Note string
		Size                           uint64
	}
	open(t, "checkpoint.json", &vectors)
	for _, v := range vectors {
		lines, err := readCheckpoint(v.Note, unhex(t, v.Public))
		if err != nil {
			t.Fatal(err)
		}
		root := base64.StdEncoding.EncodeToString(unhex(t, v.Root))
		if want := []string{v.Origin, strconv.FormatUint(v.Size, 10), root, "at " + v.At}; strings.Join(lines, "\n") != strings.Join(want, "\n") {
			t.Errorf("it says %q, want %q", lines, want)
		}
		if rootByDefinition(hashes[:v.Size]) != hash(t, v.Root) {
			t.Errorf("the first %d leaves of leaf.json have another root", v.Size)
		}
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
}
