// Package lite runs the statements of internal/rows/queries against SQLite. sqlc writes all of it but this comment, and the
// forms of its rows are those that package rows knows.
//
// Only the stores import it. All it sees of a report or a reporter is sealed.
package lite
