package web

import (
	"fmt"
	"html/template"
	"time"
)

// Clock writes the time of day, 14:05, in the line's zone.
func (v *Voice) Clock(t time.Time) string { return t.In(v.zone).Format("15:04") }

// Day writes a date in full: 23 November 2026.
func (v *Voice) Day(t time.Time) string {
	t = t.In(v.zone)
	return v.T("time.date", "Day", t.Format("2"), "Month", v.T(fmt.Sprintf("month.%d", t.Month())), "Year", t.Format("2006"))
}

// When writes a moment as people say it: "today at 14:05", "yesterday at 09:30", "3 November 2026 at 18:00".
func (v *Voice) When(t time.Time) string {
	t = t.In(v.zone)
	today := v.now.Format(time.DateOnly)
	switch t.Format(time.DateOnly) {
	case today:
		return v.T("time.today", "Time", v.Clock(t))
	case v.now.AddDate(0, 0, -1).Format(time.DateOnly):
		return v.T("time.yesterday", "Time", v.Clock(t))
	case v.now.AddDate(0, 0, 1).Format(time.DateOnly):
		return v.T("time.tomorrow", "Time", v.Clock(t))
	}
	return v.T("time.at", "Date", v.Day(t), "Time", v.Clock(t))
}

// Span writes a length of time in its largest whole unit: "3 hours", "20 minutes", "2 days". Under a minute is one.
func (v *Voice) Span(d time.Duration) string {
	switch d = d.Abs().Round(time.Minute); {
	case d >= 48*time.Hour:
		return v.T("time.days", "Count", int(d/(24*time.Hour)))
	case d >= time.Hour && (d%time.Hour == 0 || d > 3*time.Hour):
		return v.T("time.hours", "Count", int(d/time.Hour))
	case d >= time.Hour:
		return v.T("time.hours-minutes", "Hours", int(d/time.Hour), "Minutes", int(d%time.Hour/time.Minute))
	}
	return v.T("time.minutes", "Count", max(1, int(d.Abs().Round(time.Minute)/time.Minute)))
}

// Until writes how long is left until t, or since when it is over: "2 hours left", "20 minutes over".
func (v *Voice) Until(t time.Time) string {
	if d := t.Sub(v.now); d >= 0 {
		return v.T("time.left", "Span", v.Span(d))
	}
	return v.T("time.over", "Span", v.Span(t.Sub(v.now)))
}

// Time is When as a <time> element, with the exact moment on hover and for programs.
func (v *Voice) Time(t time.Time) template.HTML {
	return v.timeElement(t, v.When(t))
}

// Left is Until as a <time> element, with the exact moment on hover and for programs.
func (v *Voice) Left(t time.Time) template.HTML {
	return v.timeElement(t, v.Until(t))
}

func (v *Voice) timeElement(t time.Time, text string) template.HTML {
	t = t.In(v.zone)
	title := v.T("time.at", "Date", v.Day(t), "Time", t.Format("15:04:05 MST"))
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, // #nosec: every part is escaped
		t.Format(time.RFC3339), template.HTMLEscapeString(title), template.HTMLEscapeString(text)))
}
