// Package training holds the reports that were written to train the screening's models: one file a language, one report a
// line, with what is true of it; in pressing more of these, about what presses now and what doesn't; in told more again, as people
// tell of things at length; in paired what presses beside what only sounds so; in short single sentences; in now and in hours what happens in these hours, and in like words what is over, recurring, planned, feared or dealt with; in who what is solely about who somebody is, and what was done to such people or endangers them; in hinted what tells this by hints, and irrelevance in few words; and in happenings the same happenings told in every language. A language model wrote them for this project; no real person, firm or case stands in them,
// and no native speaker has read them. Nothing is measured on them but by weights that never saw them: the corpus of evaluation
// is other texts by other hands.
//
// In the files of a language, also in those of the folders but happenings, a line is a category and an urgency, or "none" and a kind of irrelevance, or "refuse" and its
// ground; then " | " and the text. In happenings such a label stands on a line of its own, above the tellings: a language,
// " | " and the text. Lines that begin with # are comments. Several happenings of these recur across languages, most of all those of paired, short, now and hinted, so
// whoever holds texts back to measure on holds back languages or grounds, never lines at random.
//
// The files are read from an archive that is part of the program (texts.tar.bz2), which `go generate` makes of them.
//
// The package imports the standard library and the domain only.
package training
