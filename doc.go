// Package heed is the domain of a public reporting line: Reports and what hangs on them, the state table, who works at the
// desk, the errors that every layer shares, and the Store that keeps all of it.
//
// It imports only the standard library, and nothing in it reads a file, a socket or a clock. What a reporter said, and who
// they are, stands here only as sealed bytes; Content and Identity are the shapes that internal/seal seals.
package heed
