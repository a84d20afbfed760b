package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

var tree = []requirement{
	{"a leaf is hung once, at one place, and takes the date that it is given", func(l *line) {
		leaves := l.acts("report.received", "report.read")
		hash := make([]byte, 32)
		at := noon.Add(time.Minute)
		hang := func(h heed.HungLeaf) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error { return tx.HangLeaf(ctx, &h) }
		}
		l.update(hang(heed.HungLeaf{Num: 1, Seq: leaves[0].Seq, Hash: hash}))
		l.refused(heed.ErrConflict, hang(heed.HungLeaf{Num: 1, Seq: leaves[1].Seq, Hash: hash}))
		l.refused(heed.ErrConflict, hang(heed.HungLeaf{Num: 2, Seq: leaves[0].Seq, Hash: hash}))
		l.update(hang(heed.HungLeaf{Num: 2, Seq: leaves[1].Seq, At: at, Hash: hash}))
		l.refused(heed.ErrNotFound, hang(heed.HungLeaf{Num: 3, Seq: leaves[1].Seq + 1000, At: at, Hash: hash}))
		leaves[1].At = at
		l.leaves(0, "", 0, leaves...)
	}},
	{"hashes of leaves come in their order, all or none", func(l *line) {
		leaves := l.acts("a", "b", "c")
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var errs []error
			for i, leaf := range leaves[:2] {
				errs = append(errs, tx.HangLeaf(ctx, &heed.HungLeaf{Num: int64(i + 1), Seq: leaf.Seq, Hash: []byte{byte(i + 1)}}))
			}
			return errors.Join(errs...)
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			both, err := tx.LeafHashes(ctx, 0, 2)
			l.same(both, [][]byte{{1}, {2}})
			second, errSecond := tx.LeafHashes(ctx, 1, 2)
			l.same(second, [][]byte{{2}})
			none, errNone := tx.LeafHashes(ctx, 2, 2)
			l.same(len(none), 0)
			_, short := tx.LeafHashes(ctx, 0, 3)
			l.is(short, heed.ErrNotFound)
			return errors.Join(err, errSecond, errNone)
		})
	}},
	{"places are listed by the store's numbers, without what isn't hung", func(l *line) {
		leaves := l.acts("a", "b", "c")
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(
				tx.HangLeaf(ctx, &heed.HungLeaf{Num: 2, Seq: leaves[0].Seq, Hash: []byte{1}}),
				tx.HangLeaf(ctx, &heed.HungLeaf{Num: 1, Seq: leaves[2].Seq, Hash: []byte{3}}))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Places(ctx, 0, leaves[2].Seq)
			l.same(all, []*heed.HungLeaf{{Num: 2, Seq: leaves[0].Seq, Hash: []byte{1}}, {Num: 1, Seq: leaves[2].Seq, Hash: []byte{3}}})
			some, errSome := tx.Places(ctx, leaves[0].Seq, leaves[2].Seq-1)
			l.same(len(some), 0)
			return errors.Join(err, errSome)
		})
	}},
	{"Checkpoints stand in the order of their moments, no two of one", func(l *line) {
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.LastCheckpoint(ctx)
			l.is(err, heed.ErrNotFound)
			return nil
		})
		one := &heed.CheckpointRecord{At: noon, Size: 1, Note: []byte("one")}
		two := &heed.CheckpointRecord{At: noon.Add(time.Second), Size: 2, Note: []byte("two")}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddCheckpoint(ctx, two), tx.AddCheckpoint(ctx, one))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.AddCheckpoint(ctx, &heed.CheckpointRecord{At: noon, Size: 3, Note: []byte("three")})
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Checkpoints(ctx, time.Time{}, 0)
			l.same(all, []*heed.CheckpointRecord{one, two})
			later, errLater := tx.Checkpoints(ctx, noon, 0)
			l.same(later, []*heed.CheckpointRecord{two})
			last, errLast := tx.LastCheckpoint(ctx)
			l.same(last, two)
			return errors.Join(err, errLater, errLast)
		})
	}},
	{"leaves are found by act, actor, report and time, the newest first, and counted by act", func(l *line) {
		leaves := l.acts("a", "b", "a")
		commitment := make([]byte, 32)
		report := l.id()
		last := &heed.AuditLeaf{
			At: noon.Add(time.Hour), Actor: "ana", Act: "c", Report: report, Details: []byte("{}"),
			Commitment: commitment, Note: []byte("sealed"), Salt: []byte("salt"),
		}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddLeaf(ctx, last) })
		find := func(q heed.AuditQuery, want ...int64) {
			l.Helper()
			l.view(func(ctx context.Context, tx heed.Tx) error {
				found, err := tx.FindLeaves(ctx, q)
				var got []int64
				for _, leaf := range found {
					got = append(got, leaf.Seq)
				}
				l.same(got, want)
				return err
			})
		}
		find(heed.AuditQuery{}, last.Seq, leaves[2].Seq, leaves[1].Seq, leaves[0].Seq)
		find(heed.AuditQuery{Acts: []string{"a", "c"}}, last.Seq, leaves[2].Seq, leaves[0].Seq)
		find(heed.AuditQuery{Actor: "ana"}, last.Seq)
		find(heed.AuditQuery{Report: report}, last.Seq)
		find(heed.AuditQuery{From: last.At}, last.Seq)
		find(heed.AuditQuery{Until: last.At, Limit: 2}, leaves[2].Seq, leaves[1].Seq)
		find(heed.AuditQuery{Until: last.At, Limit: 2, Before: leaves[1].Seq}, leaves[0].Seq)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			found, err := tx.FindLeaves(ctx, heed.AuditQuery{Report: report})
			l.same(found[0].Commitment, commitment)
			l.same(len(found[0].Note)+len(found[0].Salt), 0) // an overseer reads no reason
			counts, errCount := tx.CountActs(ctx, time.Time{}, time.Time{})
			l.same(counts, map[string]int{"a": 2, "b": 1, "c": 1})
			early, errEarly := tx.CountActs(ctx, noon, last.At)
			l.same(early, map[string]int{"a": 2, "b": 1})
			return errors.Join(err, errCount, errEarly)
		})
		l.leaves(0, report, 0, last)
	}},
	{"a commitment stays when its note goes", func(l *line) {
		report := l.id()
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.AddLeaf(ctx, &heed.AuditLeaf{
				At: noon, Act: "a", Report: report, Details: []byte("{}"), Commitment: make([]byte, 32), Note: []byte("n"), Salt: []byte("s"),
			})
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteNotes(ctx, report) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Leaves(ctx, 0, report, 0)
			l.same(len(got[0].Commitment), 32)
			l.same(len(got[0].Note)+len(got[0].Salt), 0)
			return err
		})
	}},
}

// acts adds a leaf for each act, a millisecond apart from noon.
func (l *line) acts(acts ...string) []*heed.AuditLeaf {
	l.Helper()
	leaves := make([]*heed.AuditLeaf, len(acts))
	l.update(func(ctx context.Context, tx heed.Tx) error {
		for i, act := range acts {
			leaves[i] = &heed.AuditLeaf{At: noon.Add(time.Duration(i) * time.Millisecond), Act: act, Details: []byte("{}")}
			if err := tx.AddLeaf(ctx, leaves[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return leaves
}
