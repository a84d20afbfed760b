package audit_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// hold fails unless what the code makes today is what stands in testdata/name. HEED_WRITE_VECTORS=1 writes a file that isn't
// there yet, and never another: what was signed once must be checkable for ever.
func hold(t *testing.T, name string, made any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(made); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if _, err := os.Stat(path); os.IsNotExist(err) && os.Getenv("HEED_WRITE_VECTORS") == "1" {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s: the form has changed:\n%s", path, b.Bytes())
	}
}

const (
	vectorReport = "0123456789abcdefghjkmnpqrs"
	vectorStaff  = "01jqzk3v8h0000000000000001"
	vectorLine   = "01jqzk3v8h0000000000000000"
)

type leafVector struct {
	Seq        uint64 `json:"seq"`
	At         string `json:"at"`
	Actor      string `json:"actor"`
	Act        string `json:"act"`
	Report     string `json:"report"`
	Details    string `json:"details"`
	Salt       string `json:"salt"`
	Note       string `json:"note"`
	Commitment string `json:"commitment"`
	Bytes      string `json:"bytes"`
	Hash       string `json:"hash"`
}

func vectorMoment(seq uint64) time.Time {
	return time.Date(2026, 11, 23, 23, 59, 58, 7_000_000, time.UTC).Add(time.Duration(seq) * 1234 * time.Millisecond)
}

func leafVectors(t *testing.T) (vs []leafVector, hashes kept) {
	t.Helper()
	for _, v := range []leafVector{
		{Act: audit.ReportReceived, Report: vectorReport, Details: `{"channel":"web"}`},
		{Act: audit.ReportRead, Actor: vectorStaff, Report: vectorReport, Details: "{}"},
		{Act: audit.ReportDisposed, Actor: vectorStaff, Report: vectorReport, Details: `{"act":{"kind":"close"}}`, Note: "nothing came of it – 查无此事"},
		{Act: audit.ReportSearched, Actor: vectorStaff},
		{Act: "identity.erased", Details: `{"day":"2026-11-16","identities":3}`},
		{Act: audit.ReportEscalated, Report: vectorReport, Details: `{"level":150}`},
		{Act: audit.ReportErased, Report: vectorReport, Details: "{}"},
	} {
		v.Seq = uint64(len(vs) + 1)
		at := vectorMoment(v.Seq)
		v.At = at.Format("2006-01-02T15:04:05.000Z")
		var commitment []byte
		if v.Note != "" {
			salt := bytes.Repeat([]byte{0xa5, byte(v.Seq)}, 16)
			v.Salt = hex.EncodeToString(salt)
			commitment = must(audit.Commit(salt, v.Note))(t)
			v.Commitment = hex.EncodeToString(commitment)
		}
		encoded := must(audit.Entry{
			Seq: v.Seq, At: at, Actor: heed.ID(v.Actor), Act: v.Act, Report: heed.ID(v.Report), Details: []byte(v.Details), Commitment: commitment,
		}.Encode())(t)
		h := audit.LeafHash(encoded)
		v.Bytes, v.Hash = hex.EncodeToString(encoded), hex.EncodeToString(h[:])
		vs, hashes = append(vs, v), append(hashes, h)
	}
	return vs, hashes
}

func TestVectorsOfLeaves(t *testing.T) {
	vs, _ := leafVectors(t)
	hold(t, "leaf.json", vs)
}

// classicLeaves and classicRoots are the tree that the first implementations of RFC 6962 were tested with.
var classicLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}

var classicRoots = []string{
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

func TestTheTreeThatRFC6962WasTestedWithHasItsRoots(t *testing.T) {
	var hashes kept
	for _, leaf := range classicLeaves {
		hashes = append(hashes, audit.LeafHash(unhex(t, leaf)))
	}
	for size, root := range grown(t, hashes) {
		if hex.EncodeToString(root[:]) != classicRoots[size] {
			t.Errorf("%d leaves: %x", size, root)
		}
	}
}

type inclusionVector struct {
	Index uint64   `json:"index"`
	Size  uint64   `json:"size"`
	Proof []string `json:"proof"`
}

type consistencyVector struct {
	Older uint64   `json:"older"`
	Newer uint64   `json:"newer"`
	Proof []string `json:"proof"`
}

type treeVector struct {
	Leaves      []string            `json:"leaves"`
	Roots       []string            `json:"roots"`
	Frontier    string              `json:"frontier"`
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
}

func treeVectorOf(t *testing.T, leaves []string) treeVector {
	t.Helper()
	var hashes kept
	var f audit.Frontier
	for _, leaf := range leaves {
		h := audit.LeafHash(unhex(t, leaf))
		hashes = append(hashes, h)
		if err := f.Append(h); err != nil {
			t.Fatal(err)
		}
	}
	v := treeVector{Leaves: leaves, Frontier: hex.EncodeToString(f.Bytes())}
	for size, root := range grown(t, hashes) {
		n := uint64(size)
		v.Roots = append(v.Roots, hex.EncodeToString(root[:]))
		for i := range n {
			v.Inclusion = append(v.Inclusion, inclusionVector{i, n, texts(must(audit.ProveInclusion(t.Context(), hashes, i, n))(t))})
		}
		for older := range n + 1 {
			v.Consistency = append(v.Consistency, consistencyVector{older, n, texts(must(audit.ProveConsistency(t.Context(), hashes, older, n))(t))})
		}
	}
	return v
}

func TestVectorsOfTrees(t *testing.T) {
	vs, _ := leafVectors(t)
	var ours []string
	for _, v := range vs {
		ours = append(ours, v.Bytes)
	}
	hold(t, "tree.json", []treeVector{treeVectorOf(t, classicLeaves), treeVectorOf(t, ours)})
}

func texts(hashes []audit.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

func plain(hashes []audit.Hash) [][32]byte {
	out := make([][32]byte, len(hashes))
	for i, h := range hashes {
		out[i] = h
	}
	return out
}

// vectorSigner is a key for tests alone: its seed is 0, 1, 2 … 31.
func vectorSigner(tb testing.TB) *seal.Signer {
	tb.Helper()
	seed := make([]byte, 32)
	for i := range seed {
		seed[i] = byte(i)
	}
	s, err := seal.ParseSigner(seed)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestVectorsOfCheckpoints(t *testing.T) {
	type vector struct {
		Public string `json:"public"`
		Key    string `json:"key"`
		Origin string `json:"origin"`
		Size   uint64 `json:"size"`
		Root   string `json:"root"`
		At     string `json:"at"`
		Note   string `json:"note"`
	}
	_, hashes := leafVectors(t)
	s := vectorSigner(t)
	var vs []vector
	for size, root := range grown(t, hashes) {
		c := audit.Checkpoint{Origin: vectorLine, Size: uint64(size), Root: root, At: vectorMoment(uint64(size)).Add(time.Second)}
		note := must(c.Sign(s, s.Verifier()))(t)
		vs = append(vs, vector{
			Public: hex.EncodeToString(s.Verifier().Bytes()), Key: must(audit.VerifierKey(vectorLine, s.Verifier()))(t),
			Origin: c.Origin, Size: c.Size, Root: hex.EncodeToString(root[:]), At: c.At.Format("2006-01-02T15:04:05.000Z"), Note: string(note),
		})
	}
	hold(t, "checkpoint.json", vs)
}
