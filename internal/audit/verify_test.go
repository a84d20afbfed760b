package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// history is a line's leaves with what was signed and recorded of them.
type history struct {
	records     []audit.Record
	hashes      kept
	checkpoints []audit.Checkpoint
}

// historyOf has n leaves, with Checkpoints of the sizes.
func historyOf(t *testing.T, n int, sizes ...uint64) history {
	t.Helper()
	var h history
	for i := range n {
		e := audit.Entry{
			Seq: uint64(i + 1), At: time.UnixMilli(1_800_000_000_000 + int64(i)), Act: audit.ReportRead, Actor: "staff", Report: heed.ID(fmt.Sprint("report ", i)),
			Details: []byte("{}"),
		}
		b := must(e.Encode())(t)
		h.records, h.hashes = append(h.records, audit.Record{Seq: e.Seq, Leaf: b}), append(h.hashes, audit.LeafHash(b))
	}
	roots := grown(t, h.hashes)
	for _, size := range sizes {
		h.checkpoints = append(h.checkpoints, audit.Checkpoint{Origin: vectorLine, Size: size, Root: roots[size], At: time.UnixMilli(int64(size))})
	}
	return h
}

func walkOf(records []audit.Record) audit.Records {
	return func(yield func(audit.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// renumber gives every record the number of its place, as one would who hides what was done.
func renumber(t *testing.T, records []audit.Record) []audit.Record {
	t.Helper()
	for i, r := range records {
		e := must(audit.Decode(r.Leaf))(t)
		e.Seq = uint64(i + 1)
		records[i] = audit.Record{Seq: e.Seq, Leaf: must(e.Encode())(t)}
	}
	return records
}

// rewritten is the record with another act in its place.
func rewritten(t *testing.T, r audit.Record, act string) audit.Record {
	t.Helper()
	e := must(audit.Decode(r.Leaf))(t)
	e.Act = act
	return audit.Record{Seq: r.Seq, Leaf: must(e.Encode())(t)}
}

func faultOf(t *testing.T, err error) *audit.Fault {
	t.Helper()
	var f *audit.Fault
	if !errors.As(err, &f) || !errors.Is(err, heed.ErrInvalid) {
		t.Fatalf("no fault: %v", err)
	}
	return f
}

func TestWhatIsInOrderIsFoundInOrder(t *testing.T) {
	h := historyOf(t, 23, 0, 1, 7, 7, 8, 20)
	roots := grown(t, h.hashes)
	for _, recorded := range []audit.Hashes{nil, h.hashes} {
		v := must(audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, recorded))(t)
		if v != (audit.Verdict{Leaves: 23, Signed: 20, Root: roots[23]}) {
			t.Errorf("%+v", v)
		}
	}
	v := must(audit.Verify(t.Context(), walkOf(nil), nil, nil))(t)
	if v != (audit.Verdict{Root: audit.EmptyRoot()}) {
		t.Errorf("nothing: %+v", v)
	}
}

// spoilers change a history of n leaves at a place; ok says whether that is possible there. kind is what was done.
var spoilers = []struct {
	name string
	kind audit.FaultKind
	do   func(t *testing.T, records []audit.Record, place int) ([]audit.Record, bool)
}{
	{"changed", audit.Changed, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		rs[p-1] = rewritten(t, rs[p-1], "report.forged")
		return rs, true
	}},
	{"cut short", audit.Changed, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		rs[p-1].Leaf = rs[p-1].Leaf[:3]
		return rs, true
	}},
	{"emptied", audit.Changed, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		rs[p-1].Leaf = nil
		return rs, true
	}},
	{"put under another number", audit.Changed, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		rs[p-1].Seq += 100
		return rs, true
	}},
	{"numbered otherwise within", audit.Changed, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		e := must(audit.Decode(rs[p-1].Leaf))(t)
		e.Seq += 100
		rs[p-1].Leaf = must(e.Encode())(t)
		return rs, true
	}},
	{"removed", audit.Removed, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		return slices.Delete(rs, p-1, p), true
	}},
	{"removed and the rest renumbered", audit.Removed, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		return renumber(t, slices.Delete(rs, p-1, p)), true
	}},
	{"three removed and the rest renumbered", audit.Removed, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		return renumber(t, slices.Delete(rs, p-1, min(p+2, len(rs)))), true
	}},
	{"all from here on removed", audit.Removed, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		return rs[:p-1], true
	}},
	{"exchanged with the next", audit.Reordered, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		if p == len(rs) {
			return nil, false
		}
		rs[p-1], rs[p] = rs[p], rs[p-1]
		return rs, true
	}},
	{"exchanged with the last and renumbered", audit.Reordered, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		if p == len(rs) {
			return nil, false
		}
		rs[p-1], rs[len(rs)-1] = rs[len(rs)-1], rs[p-1]
		return renumber(t, rs), true
	}},
	{"a forged one put before it and the rest renumbered", audit.Added, func(t *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		return renumber(t, slices.Insert(rs, p-1, rewritten(t, rs[p-1], "report.forged"))), true
	}},
	{"an earlier one put before it once more", audit.Added, func(_ *testing.T, rs []audit.Record, p int) ([]audit.Record, bool) {
		if p == 1 {
			return nil, false
		}
		return slices.Insert(rs, p-1, rs[0]), true
	}},
}

func TestTheFirstFaultIsNamedWhereverAndWhateverItIs(t *testing.T) {
	const n = 21
	for _, sizes := range [][]uint64{{n}, {4, 9, 16, n}, {1, 2, 3, 20, n}} {
		h := historyOf(t, n, sizes...)
		for _, s := range spoilers {
			for place := 1; place <= n; place++ {
				spoiled, ok := s.do(t, slices.Clone(h.records), place)
				if !ok {
					continue
				}
				_, err := audit.Verify(t.Context(), walkOf(spoiled), h.checkpoints, h.hashes)
				if f := faultOf(t, err); f.Kind != s.kind || f.Seq != uint64(place) || f.Last != f.Seq || f.Sound != f.Seq-1 || !f.Proven {
					t.Errorf("leaf %d %s, checkpoints %d: %+v", place, s.name, sizes, f)
				}
			}
		}
	}
}

// Of two leaves that tell the same of the same moment, the one before a changed one isn't taken for it.
func TestATwinOfAChangedLeafIsNotTakenForIt(t *testing.T) {
	h := historyOf(t, 8)
	twin := must(audit.Decode(h.records[3].Leaf))(t)
	twin.Seq = 5
	h.records[4].Leaf = must(twin.Encode())(t)
	h.hashes[4] = audit.LeafHash(h.records[4].Leaf)
	h.checkpoints = []audit.Checkpoint{{Origin: vectorLine, Size: 8, Root: grown(t, h.hashes)[8], At: time.UnixMilli(8)}}
	h.records[4] = rewritten(t, h.records[4], "report.forged")
	_, err := audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, h.hashes)
	if f := faultOf(t, err); f.Kind != audit.Changed || f.Seq != 5 {
		t.Fatalf("%+v", f)
	}
}

func TestOfSeveralFaultsTheFirstIsNamed(t *testing.T) {
	h := historyOf(t, 30, 10, 30)
	h.records[11] = rewritten(t, h.records[11], "report.forged")
	h.records[19].Leaf = nil
	h.records = slices.Delete(h.records, 24, 25)
	_, err := audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, h.hashes)
	if f := faultOf(t, err); f.Kind != audit.Changed || f.Seq != 12 {
		t.Fatalf("%+v", f)
	}
}

func TestWithoutRecordedHashesAFaultIsNamedBetweenTwoCheckpoints(t *testing.T) {
	const n = 21
	sizes := []uint64{4, 5, 16, n}
	h := historyOf(t, n, sizes...)
	for _, s := range spoilers {
		for place := 1; place <= n; place++ {
			spoiled, ok := s.do(t, slices.Clone(h.records), place)
			if !ok {
				continue
			}
			_, err := audit.Verify(t.Context(), walkOf(spoiled), h.checkpoints, nil)
			f := faultOf(t, err)
			after, _ := slices.BinarySearch(sizes, uint64(place))
			sound := uint64(0)
			if after > 0 {
				sound = sizes[after-1]
			}
			if f.Sound != sound || f.Seq <= sound || f.Seq > uint64(place) || f.Last < uint64(place) || f.Last > sizes[after] {
				t.Errorf("leaf %d %s: %+v", place, s.name, f)
			}
			if f.Kind != audit.Altered && f.Kind != s.kind && sizes[after]-sound > 1 {
				t.Errorf("leaf %d %s is called %s", place, s.name, f.Kind)
			}
		}
	}
}

func TestRecordedHashesThatWereChangedTooAreNotBelieved(t *testing.T) {
	h := historyOf(t, 12, 3, 12)
	h.records[6] = rewritten(t, h.records[6], "report.forged")
	changed := slices.Clone(h.hashes)
	changed[6] = audit.LeafHash(h.records[6].Leaf)
	elsewhere := slices.Clone(h.hashes)
	elsewhere[4] = audit.Hash{}
	for what, recorded := range map[string]kept{"in the same place": changed, "in another": elsewhere, "lost": h.hashes[:10]} {
		_, err := audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, recorded)
		if f := faultOf(t, err); f.Kind != audit.Altered || f.Seq != 4 || f.Last != 12 || f.Sound != 3 {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

func TestWhatNobodySignedYetIsOnlyHeldAgainstItsOwnNumbers(t *testing.T) {
	h := historyOf(t, 12, 5)
	h.records[8] = rewritten(t, h.records[8], "report.forged")
	if v := must(audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, h.hashes))(t); v.Leaves != 12 || v.Signed != 5 {
		t.Fatalf("%+v", v)
	}
	_, err := audit.Verify(t.Context(), walkOf(slices.Delete(h.records, 9, 10)), h.checkpoints, h.hashes)
	if f := faultOf(t, err); f.Kind != audit.Removed || f.Seq != 10 || f.Sound != 5 || f.Proven {
		t.Fatalf("%+v", f)
	}
}

func TestCheckpointsThatContradictEachOtherAreNotBelieved(t *testing.T) {
	h := historyOf(t, 9, 0, 4, 4, 9)
	for what, c := range map[string]struct {
		spoil func(cs []audit.Checkpoint)
		want  error
	}{
		"two roots of one size":    {func(cs []audit.Checkpoint) { cs[2].Root[0] ^= 1 }, heed.ErrConflict},
		"another line's":           {func(cs []audit.Checkpoint) { cs[1].Origin = "another" }, heed.ErrInvalid},
		"a smaller after a larger": {func(cs []audit.Checkpoint) { cs[1], cs[3] = cs[3], cs[1] }, heed.ErrInvalid},
		"an earlier after a later": {func(cs []audit.Checkpoint) { cs[1].At = time.UnixMilli(9999) }, heed.ErrInvalid},
		"a root of no leaves":      {func(cs []audit.Checkpoint) { cs[0].Root = audit.Hash{} }, heed.ErrInvalid},
	} {
		cs := slices.Clone(h.checkpoints)
		c.spoil(cs)
		_, err := audit.Verify(t.Context(), walkOf(h.records), cs, h.hashes)
		var f *audit.Fault
		if !errors.Is(err, c.want) || errors.As(err, &f) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// broken fails on a record.
func broken(records []audit.Record, at int, err error) audit.Records {
	return func(yield func(audit.Record, error) bool) {
		for i, r := range records {
			if i == at {
				yield(audit.Record{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

type lost struct{ err error }

func (l lost) LeafHashes(context.Context, uint64, uint64) ([]audit.Hash, error) { return nil, l.err }

func TestAReadingThatFailsIsNoFault(t *testing.T) {
	h, failed := historyOf(t, 9, 9), errors.New("disk")
	none := func(what string, err, want error) {
		var f *audit.Fault
		if !errors.Is(err, want) || errors.As(err, &f) {
			t.Errorf("%s: %v", what, err)
		}
	}
	none("leaves", errorOf(audit.Verify(t.Context(), broken(h.records, 4, failed), h.checkpoints, nil)), failed)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	none("a stop", errorOf(audit.Verify(stopped, walkOf(h.records), h.checkpoints, nil)), context.Canceled)
	h.records[3] = rewritten(t, h.records[3], "report.forged")
	none("hashes", errorOf(audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, lost{failed})), failed)
	gap := slices.Delete(slices.Clone(h.records), 5, 6)
	times := 0
	second := func(yield func(audit.Record, error) bool) {
		if times++; times > 1 {
			yield(audit.Record{}, failed)
			return
		}
		walkOf(gap)(yield)
	}
	none("the second walk", errorOf(audit.Verify(t.Context(), second, h.checkpoints, nil)), failed)
}

func TestAFaultSaysInWordsWhichLeafItIs(t *testing.T) {
	h := historyOf(t, 9, 3, 9)
	h.records[6] = rewritten(t, h.records[6], "report.forged")
	_, err := audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, h.hashes)
	if err.Error() != "leaf 7 was changed: invalid" {
		t.Error(err)
	}
	_, err = audit.Verify(t.Context(), walkOf(h.records), h.checkpoints, nil)
	if err.Error() != "one of the leaves 4 to 9 was changed, removed, reordered or added: invalid" {
		t.Error(err)
	}
	_, err = audit.Verify(t.Context(), walkOf(slices.Delete(h.records, 7, 8)), h.checkpoints, nil)
	if err.Error() != "leaf 8 was removed, and of those from leaf 4 on nothing is proven: invalid" {
		t.Error(err)
	}
}

// A history may be larger than what is read of it at once.
func TestAFaultFarInALongHistoryIsNamed(t *testing.T) {
	h := historyOf(t, 3000, 3000)
	spoiled := renumber(t, slices.Delete(slices.Clone(h.records), 2499, 2500))
	_, err := audit.Verify(t.Context(), walkOf(spoiled), h.checkpoints, h.hashes)
	if f := faultOf(t, err); f.Kind != audit.Removed || f.Seq != 2500 {
		t.Fatalf("%+v", f)
	}
}

// However a history is mistreated, the first place at which it differs from what was signed is the one that is named.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{0, 3, 3, 9, 7, 1})
	f.Add([]byte{9, 2, 8, 15})
	f.Fuzz(func(t *testing.T, steps []byte) {
		const n = 16
		h := historyOf(t, n, 5, 11, n)
		spoiled := slices.Clone(h.records)
		for ; len(steps) >= 2 && len(spoiled) > 0 && len(spoiled) < 3*n; steps = steps[2:] {
			place := 1 + int(steps[1])%len(spoiled)
			if undecodable(spoiled) {
				break
			}
			if other, ok := spoilers[int(steps[0])%len(spoilers)].do(t, slices.Clone(spoiled), place); ok {
				spoiled = other
			}
		}
		first := 1
		for first <= n && first <= len(spoiled) && spoiled[first-1].Seq == h.records[first-1].Seq &&
			slices.Equal(spoiled[first-1].Leaf, h.records[first-1].Leaf) {
			first++
		}
		_, err := audit.Verify(t.Context(), walkOf(spoiled), h.checkpoints, h.hashes)
		if first > n {
			return // what is behind the last Checkpoint is held against its numbers alone
		}
		if fault := faultOf(t, err); fault.Seq != uint64(first) || fault.Last != fault.Seq || fault.Sound != fault.Seq-1 || !fault.Proven {
			t.Fatalf("the first is %d: %+v", first, fault)
		}
		fault := faultOf(t, errorOf(audit.Verify(t.Context(), walkOf(spoiled), h.checkpoints, nil)))
		if fault.Sound >= uint64(first) || fault.Proven && (fault.Seq > uint64(first) || fault.Last < uint64(first)) {
			t.Fatalf("the first is %d, without hashes: %+v", first, fault)
		}
	})
}

// undecodable says that a leaf was cut, so that no renumbering is possible any more.
func undecodable(records []audit.Record) bool {
	return slices.ContainsFunc(records, func(r audit.Record) bool {
		_, err := audit.Decode(r.Leaf)
		return err != nil
	})
}
