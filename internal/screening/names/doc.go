// Package names says which words of a text name a person, an organisation or a place. It is a linear tagger (averaged perceptron, Collins
// 2002) over hashed features of a word and its neighbours, whose labels are found together (Viterbi); in scripts without blanks each
// character is a word. What rules take for names is a feature among others. A first look (sieve) leaves it the words that can be part of one.
//
// It imports package fold only. It sees a text and keeps nothing of it; the model holds weights, no word and no name, and the table of
// common words nothing but how common a hash is.
package names
