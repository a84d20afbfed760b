package media_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

func TestAFileThatLiesPutsItsReportInQuarantineAndNothingOfItIsShownOnBothStores(t *testing.T) {
	tool(t, "vipsthumbnail")
	tool(t, "bwrap")
	onBothStores(t, func(l *line, _ bool) {
		ctx := l.Context()
		liar, err := l.in.Stage(ctx, "gate.jpg", strings.NewReader("\xff\xd8\xff\xe0"+strings.Repeat("no picture", 500)))
		l.must(err)
		a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "The gate has stood open since Monday."}, Files: []intake.StagedFile{liar}})
		l.must(err)
		l.must(l.review.Screen(ctx, a.Report))
		f := l.file(a.Report)
		l.copies(f)
		v, err := l.review.Read(ctx, l.ann, a.Report, "queue")
		l.must(err)
		if v.Report.State != heed.Quarantine || v.Files[0].CopyCode != heed.CopyUnreadable || l.leaves(a.Report, audit.ReportQuarantined) != 1 {
			l.Errorf("%s, %q, %d leaves", v.Report.State, v.Files[0].CopyCode, l.leaves(a.Report, audit.ReportQuarantined))
		}
		if _, _, err := l.review.OpenCopy(ctx, l.ann, a.Report, f.ID); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("a copy: %v", err)
		}
		_, err = l.review.Dispose(ctx, l.ann, a.Report, review.Decision{Kind: heed.Hold, Reason: "the gate is to stand open"})
		l.must(err)
		if v, err = l.review.Read(ctx, l.ann, a.Report, "queue"); err != nil || v.Report.State != heed.Held {
			l.Errorf("decided it is %s, %v", v.Report.State, err)
		}
	})
}
