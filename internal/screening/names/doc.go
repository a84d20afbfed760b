// Package names says which words of a text name a person, an organisation or a place, in scripts that have capitals. It is a
// linear tagger (averaged perceptron, Collins 2002) over hashed features of a word and its neighbours, read left to right.
//
// It imports package fold only. It sees a text and keeps nothing of it; the model holds weights, no word and no name.
package names
