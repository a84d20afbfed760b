package main

import (
	"context"
	"errors"

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

// openNamedStore is openStore with the id of the line whose store it is.
func openNamedStore(ctx context.Context, f lineFlags) (store heed.Store, line string, err error) {
	if store, err = openStore(ctx, f); err != nil {
		return nil, "", err
	}
	err = store.View(ctx, func(tx heed.Tx) error {
		id, err := tx.Setting(ctx, settingLine)
		line = string(id)
		return err
	})
	if err != nil {
		return nil, "", errors.Join(err, store.Close())
	}
	return store, line, nil
}
