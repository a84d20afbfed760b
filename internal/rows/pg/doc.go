// Package pg runs the statements of internal/rows/queries, and those that PostgreSQL alone needs, against PostgreSQL. sqlc writes
// them, and internal/rows/bridge the Bridge by which they are lite's.
//
// Only the stores import it. All it sees of a report or a reporter is sealed.
package pg
