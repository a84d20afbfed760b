package review_test

import (
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

func TestMarksThatAreNeitherABoxNorATimeAreRefused(t *testing.T) {
	for kind, m := range map[string]heed.Mark{
		"audio/mpeg": {Width: -1, To: 5}, "video/mp4": {Width: -1, To: 5}, "image/jpeg": {Width: 5}, "application/pdf": {},
	} {
		if err := review.CheckMarks(kind, &heed.CopyDetails{}, []heed.Mark{m}); err == nil {
			t.Errorf("%s: %+v is taken", kind, m)
		}
	}
}
