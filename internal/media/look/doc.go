// Package look says what a file is known again by: what stays of a picture when it is written anew, made smaller, cropped a little or
// written over, and what stays of a sound. It works on bare pixels and samples that a program in its room gave, parses nothing, and tells
// no person from another: a recording is known again, not who speaks in it, and a picture, not whom it shows.
//
// It may import the standard library alone. What it gives is as private as the file: it is kept sealed, and looked for by keyed marks.
package look
