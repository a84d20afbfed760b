package auth_test

import (
	"slices"
	"testing"

	"github.com/heed-line/heed"
)

func TestAdminsAndOverseersAreToldOfEachStepOfAReset(t *testing.T) {
	l := newLine(t)
	admin, second, overseer := l.add(t, "admin", heed.Admin), l.add(t, "second", heed.Admin), l.add(t, "overseer", heed.Overseer)
	amira, bo := l.add(t, "amira", heed.Specialist), l.add(t, "bo", heed.Specialist)
	if err := l.auth.AskReset(t.Context(), admin, amira.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.ApproveReset(t.Context(), second, amira.ID); err != nil {
		t.Fatal(err)
	}
	for _, told := range []*heed.Staff{overseer, amira} {
		if got := l.notices(t, told); !slices.Contains(got, "reset-asked") || !slices.Contains(got, "reset-approved") {
			t.Errorf("%s is told %v", told.Name, got)
		}
	}
	if got := l.notices(t, second); !slices.Contains(got, "reset-asked") {
		t.Errorf("the other admin is told %v", got)
	}
	if got := l.notices(t, bo); slices.Contains(got, "reset-asked") {
		t.Errorf("somebody whom it doesn't concern is told %v", got)
	}
}
