// Package profile is the line profile: the one data file that turns Heed into a city's, a regulator's or a charity's own
// line. It holds the line's name, languages, categories, departments, routing rules, deadlines, retention, limits and
// wording, and nothing about any report.
//
// A profile is read strictly: a key that it doesn't know, a text that lacks a language, a rule that doesn't compile or a
// department that nobody defined stops the start, with every fault listed at its line and column.
//
// It may import seal (to read recipients) and the standard library. It must never see a report, an identity or a secret:
// passwords stand in files that the profile only names.
package profile
