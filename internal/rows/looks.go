package rows

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func look(l lite.Look) *heed.Look {
	return &heed.Look{File: heed.ID(l.File), Report: heed.ID(l.Report), Sealed: l.Sealed}
}

// PutLook implements heed.LookTx.
func (t *Tx) PutLook(ctx context.Context, l *heed.Look) error {
	err := t.engine.PutLook(ctx, lite.PutLookParams{File: string(l.File), Report: string(l.Report), Sealed: l.Sealed})
	return failed(err, "put the look of attachment %s", l.File)
}

// Look implements heed.LookTx.
func (t *Tx) Look(ctx context.Context, file heed.ID) (*heed.Look, error) {
	l, err := t.engine.GetLook(ctx, string(file))
	return one(l, err, look, "look of attachment %s", file)
}

// Looks implements heed.LookTx.
func (t *Tx) Looks(ctx context.Context, report heed.ID) ([]*heed.Look, error) {
	ls, err := t.engine.Looks(ctx, string(report))
	return each(ls, err, look, "looks of report %s", report)
}

// LockLooks implements heed.LookTx.
func (t *Tx) LockLooks(ctx context.Context, files []heed.ID) (standing map[heed.ID]bool, err error) {
	standing = map[heed.ID]bool{}
	for some := range slices.Chunk(files, numbersAtOnce) {
		s := &selection{}
		var places []string
		for _, f := range some {
			places = append(places, s.arg(string(f)))
		}
		query := "SELECT file FROM looks WHERE file IN (" + strings.Join(places, ", ") + ") ORDER BY file" + t.engine.Lock(false)
		err := t.engine.Each(ctx, query, s.args, func(into func(...any) error) error {
			var file string
			err := into(&file)
			standing[heed.ID(file)] = true
			return err
		})
		if err != nil {
			return nil, failed(err, "lock looks")
		}
	}
	return standing, nil
}

// DeleteLooks implements heed.LookTx.
func (t *Tx) DeleteLooks(ctx context.Context, report heed.ID) error {
	// The looks first: whoever adds marks or sightings meanwhile holds one of them until those can be seen, and deleted, here.
	files, err := t.engine.DeleteLooks(ctx, string(report))
	for _, f := range files {
		err = errors.Join(err, t.engine.DeleteLookMarks(ctx, f))
	}
	return failed(errors.Join(err, t.engine.DeleteSightings(ctx, string(report))), "delete what the files of report %s are known by", report)
}

// PutLookMarks implements heed.LookTx.
func (t *Tx) PutLookMarks(ctx context.Context, file heed.ID, marks []int64, most int) error {
	if err := t.engine.DeleteLookMarks(ctx, string(file)); err != nil {
		return failed(err, "replace the marks of attachment %s", file)
	}
	have := map[int64]int{}
	marks = distinct(marks)
	err := t.eachLookMark(ctx, marks, func(mark int64, _ string) { have[mark]++ })
	if err != nil {
		return failed(err, "count the marks of attachment %s", file)
	}
	marks = slices.DeleteFunc(marks, func(m int64) bool { return have[m] >= most })
	err = insertMany(ctx, t.engine, "INSERT INTO look_marks (mark, file) VALUES ", "", len(marks), func(i int) []any {
		return []any{marks[i], string(file)}
	})
	return failed(err, "put the marks of attachment %s", file)
}

// eachLookMark gives who has each of the marks.
func (t *Tx) eachLookMark(ctx context.Context, marks []int64, each func(mark int64, file string)) error {
	return t.eachOf(ctx, "mark, file", "look_marks", "mark", marks, "", func(into func(...any) error) error {
		var mark int64
		var file string
		err := into(&mark, &file)
		each(mark, file)
		return err
	})
}

// LookAlikes implements heed.LookTx.
func (t *Tx) LookAlikes(ctx context.Context, marks []int64, limit int) ([]heed.ID, error) {
	having := map[int64][]string{}
	err := t.eachLookMark(ctx, distinct(marks), func(mark int64, file string) { having[mark] = append(having[mark], file) })
	if err != nil {
		return nil, failed(err, "look for alike files")
	}
	worth := map[string]int64{} // in whole numbers, so that the order of adding is none
	for _, files := range having {
		for _, f := range files {
			worth[f] += wholeMark / int64(len(files))
		}
	}
	all := make([]heed.ID, 0, len(worth))
	for f := range worth {
		all = append(all, heed.ID(f))
	}
	slices.SortFunc(all, func(a, b heed.ID) int {
		return cmp.Or(cmp.Compare(worth[string(b)], worth[string(a)]), cmp.Compare(b, a))
	})
	return all[:min(len(all), int(capped(limit)))], nil
}

const thousand = 1000

// PutSightings implements heed.LookTx.
func (t *Tx) PutSightings(ctx context.Context, all []heed.Sighting) (added int, err error) {
	for _, s := range all {
		score := int64(math.Round(s.Score * thousand))
		n, err := t.engine.AddSighting(ctx, lite.AddSightingParams{
			File: string(s.File), Report: string(s.Report), Earlier: string(s.Earlier), EarlierReport: string(s.EarlierReport), Kind: s.Kind, Score: score,
		})
		if err == nil && n == 0 {
			err = t.engine.UpdateSighting(ctx, lite.UpdateSightingParams{Kind: s.Kind, Score: score, File: string(s.File), Earlier: string(s.Earlier)})
		}
		if err != nil {
			return 0, failed(err, "put a sighting of attachment %s", s.File)
		}
		added += int(n)
	}
	return added, nil
}

// Sightings implements heed.LookTx.
func (t *Tx) Sightings(ctx context.Context, report, file heed.ID, limit int) ([]*heed.Sighting, error) {
	ss, err := t.engine.Sightings(ctx, lite.SightingsParams{File: string(file), Report: string(report), MaxRows: capped(limit)})
	return each(ss, err, func(s lite.Sighting) *heed.Sighting {
		return &heed.Sighting{
			File: heed.ID(s.File), Report: heed.ID(s.Report), Earlier: heed.ID(s.Earlier), EarlierReport: heed.ID(s.EarlierReport),
			Kind: s.Kind, Score: float64(s.Score) / thousand,
		}
	}, "sightings of attachment %s", file)
}
