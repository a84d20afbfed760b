package main

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
)

// openStore opens the line's database and brings its schema up to date.
func openStore(ctx context.Context, f lineFlags) (heed.Store, error) {
	if f.Store != "" {
		return postgres.Open(ctx, f.Store, postgres.Options{})
	}
	return sqlite.Open(ctx, f.databaseFile(), sqlite.Options{})
}
