// Package language says in which language a text is written.
//
// The script decides first (Unicode script property); among the languages of one script a naive Bayes model over hashed
// character n-grams decides, after Cavnar & Trenkle, "N-gram-based text categorization" (1994), with the model in
// model.bin.gz. That file is made by `go run ./internal/screening/trainlang -data DIR` from the labelled sentences,
// word pairs and words of the lingua project (Apache-2.0; its sentences come from the Leipzig Corpora Collection);
// see NOTICE in this folder. Where a text changes its language the same weights tell, word by word. The package imports
// packages fold and pages and the Unicode tables only, and keeps no text: of common words, hashes under a key that is drawn anew, in memory.
package language
