// Package calibrate fits the relevance under which a line's reports are set aside to what its people decided, so that at most a
// chosen share of the relevant ones is, with a stated confidence. It is arithmetic over scores: it sees no text, imports nothing of
// Heed but the root, and draws nothing at random.
package calibrate
