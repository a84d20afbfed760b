package main

import (
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/profile"
)

func TestADepartmentStandsForTheCategoriesThatItTakesAndNeverForNone(t *testing.T) {
	p := &profile.Profile{Departments: []profile.Department{
		{ID: "river", Categories: []string{"environment", "hazard"}}, {ID: "any"},
	}}
	for _, c := range []struct {
		limit staffLimitCommand
		want  []string // nil: refused
	}{
		{staffLimitCommand{Department: []string{"river"}}, []string{"environment", "hazard"}},
		{staffLimitCommand{Category: []string{"cyber"}, Department: []string{"river"}}, []string{"cyber", "environment", "hazard"}},
		{staffLimitCommand{Category: []string{"cyber"}}, []string{"cyber"}},
		{staffLimitCommand{Department: []string{"any"}}, nil},
		{staffLimitCommand{Department: []string{"river", "any"}}, nil},
		{staffLimitCommand{Department: []string{"nowhere"}}, nil},
	} {
		got, err := c.limit.categories(p)
		if !slices.Equal(got, c.want) || (err != nil) != (c.want == nil) {
			t.Errorf("%v: %v, %v", c.limit, got, err)
		}
	}
}
