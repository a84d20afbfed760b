// Package learn is the one learner behind every decision of the screening: logistic regression over hashed n-grams and the
// classes of the word lists, calibrated, with each decision traced back to the places in the text that made it.
//
// A Model is read-only data: the weights of some Heads, each for one question ("immediate", "category.drugs"). The same
// samples in the same order always train the same bytes. The package imports fold, lexicon and pages only; it sees text in memory
// and keeps none: a model's features are hashes, and those that fewer than a stated number of samples have are left out.
package learn
