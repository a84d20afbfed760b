package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

// ownTables are those of one engine alone; what they hold, it makes anew.
var ownTables = []string{"seq_base", "river_job", "river_migration", "river_leader", "river_queue", "river_notification", "river_client", "river_client_queue"}

// Copies fails the test where a table of the store's isn't listed with what a backup takes of it, or is listed and not there.
func Copies(t *testing.T, tables []string) {
	t.Helper()
	listed := map[string]bool{}
	for _, c := range rows.Copies() {
		listed[c.Table] = true
		if !slices.Contains(tables, c.Table) && !slices.Contains(ownTables, c.Table) {
			t.Errorf("%s is listed and isn't there", c.Table)
		}
	}
	for _, table := range tables {
		if !listed[table] && !slices.Contains(ownTables, table) {
			t.Errorf("a backup doesn't know what to do with %s: add a line to rows.Copies", table)
		}
	}
}

// Copy holds a store to heed.Copier: what is copied out of one and taken in by another is the same, but for what no backup holds.
func Copy(t *testing.T, from heed.Copier, takeIn func(t *testing.T, version int64, fill func(put func(*heed.CopiedRow) error) error) heed.Store) {
	l := &line{T: t, store: from, now: noon}
	first := l.report(func(r *heed.Report) { r.Named = true })
	l.add(first)
	other := l.report()
	l.add(other)
	l.update(func(ctx context.Context, tx heed.Tx) error { return copied(ctx, tx, l, first) })

	version, err := from.SchemaVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var jobs int
	fill := func(put func(*heed.CopiedRow) error) error {
		return from.CopyOut(t.Context(), func(row *heed.CopiedRow) error {
			if row.Table == heed.CopiedJobs {
				jobs++
				return nil
			}
			if row.Table == "report_keys" && slices.Contains(row.Values, any(string(other.ID))) {
				return put(&heed.CopiedRow{Table: row.Table, Columns: row.Columns, Values: []any{string(l.id()), []byte("of a report that came later")}})
			}
			return put(row)
		})
	}
	into := &line{T: t, store: takeIn(t, version, fill), now: noon}
	if jobs != 1 {
		t.Errorf("%d jobs wait, not counting the timers'", jobs)
	}
	into.view(func(ctx context.Context, tx heed.Tx) error { return sameCopied(ctx, tx, into, first, other) })
	// What comes after has numbers of its own.
	into.add(into.report(), into.report())
	into.update(func(ctx context.Context, tx heed.Tx) error {
		return tx.AddLeaf(ctx, &heed.AuditLeaf{At: noon, Act: "report.read"})
	})
}

// copiedModel is the id of the model that a copy holds.
const copiedModel heed.ID = "model"

// copied adds to the store one of everything that a backup holds, and of what it doesn't.
func copied(ctx context.Context, tx heed.Tx, l *line, r *heed.Report) error {
	day := &heed.DayKeyRecord{Day: "2026-11-23", Identity: []byte("i"), Transit: []byte("t"), Signature: []byte("s")}
	for _, step := range []func() error{
		func() error { return tx.AddDayKey(ctx, day) },
		func() error { return tx.AddReceipt(ctx, []byte("lookup"), r.ID, []byte("sealed mailbox key")) },
		func() error { return tx.AddIdentity(ctx, r.ID, day.Day, []byte("who")) },
		func() error {
			return tx.AddMessage(ctx, &heed.Message{ID: l.id(), Report: r.ID, Kind: heed.Addition, At: noon, Sealed: []byte{0, 255}})
		},
		func() error { return tx.AddStaged(ctx, "blob", noon) },
		func() error {
			return tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: r.ID, Blob: "blob", Type: "image/png", Size: 3, Day: day.Day,
				SealedName: []byte("name"), TransitKey: []byte("opens it"), DayKey: []byte("opens it"), At: noon})
		},
		func() error {
			return tx.AddDisclosure(ctx, &heed.Disclosure{ID: l.id(), Report: r.ID, State: heed.DisclosureApproved, At: noon, Day: day.Day,
				Reason: heed.ReasonLaw, Key: []byte("k"), Until: noon, Sealed: []byte("who")})
		},
		func() error {
			return tx.AddReferral(ctx, &heed.Referral{ID: l.id(), Report: r.ID, Department: "fire", State: heed.ReferralReady, Blob: "package", CreatedAt: noon})
		},
		func() error {
			return tx.AddLeaf(ctx, &heed.AuditLeaf{At: noon, Act: "report.read", Report: r.ID, Details: []byte(`{"a":1}`), Note: []byte("n"), Salt: []byte("s")})
		},
		func() error {
			return tx.AddCredential(ctx, &heed.Credential{Hash: []byte("h"), Kind: "token", Staff: l.id(), CreatedAt: noon})
		},
		func() error {
			m, f := l.offered()
			m.ID = copiedModel
			return tx.AddModel(ctx, m, f)
		},
		func() error { return worded(ctx, tx, r, tokens(1)) },
		func() error { return tx.PutSetting(ctx, "line.id", []byte("city")) },
		func() error { return tx.PutSetting(ctx, heed.SettingRestoring, []byte{}) },
		func() error {
			return tx.Enqueue(ctx, heed.Job{Kind: "screen", Args: []byte(`{"reports":[]}`)}, heed.Job{Kind: "tick", Queue: heed.QueueTimer})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// sameCopied looks at what the other store made of it.
func sameCopied(ctx context.Context, tx heed.Tx, l *line, first, other *heed.Report) error {
	r, err := tx.Report(ctx, first.ID)
	if err != nil {
		return err
	}
	l.same(r, first)
	wrapped, err := tx.WrappedKey(ctx, first.ID)
	if err != nil {
		return err
	}
	l.same(string(wrapped), "wrapped "+string(first.ID))
	_, err = tx.WrappedKey(ctx, other.ID)
	l.is(err, heed.ErrGone)
	of, key, err := tx.Receipt(ctx, []byte("lookup"))
	if err != nil {
		return err
	}
	l.same([]any{of, string(key)}, []any{first.ID, "sealed mailbox key"})
	messages, err := tx.Messages(ctx, first.ID)
	if err != nil || len(messages) != 1 {
		return err
	}
	l.same(messages[0].Sealed, []byte{0, 255})
	leaves, err := tx.Leaves(ctx, 0, first.ID, 10)
	if err != nil || len(leaves) != 1 {
		l.Errorf("%d leaves", len(leaves))
		return err
	}
	l.same([]string{string(leaves[0].Details), string(leaves[0].Note), string(leaves[0].Salt)}, []string{`{"a":1}`, "n", "s"})
	if _, err := tx.ModelFile(ctx, copiedModel); err != nil {
		return err
	}
	return withoutDays(ctx, tx, l, first)
}

// withoutDays fails the test where anything came along that a day's key opens, or that would let somebody in again.
func withoutDays(ctx context.Context, tx heed.Tx, l *line, r *heed.Report) error {
	who, err := tx.Identities(ctx, r.ID)
	if err != nil {
		return err
	}
	files, err := tx.Attachments(ctx, r.ID)
	if err != nil {
		return err
	}
	shown, err := tx.Disclosures(ctx, r.ID)
	if err != nil {
		return err
	}
	if len(who) != 0 || len(files) != 1 || len(shown) != 1 {
		l.Fatalf("%d identities, %d files, %d disclosures", len(who), len(files), len(shown))
	}
	if files[0].TransitKey != nil || files[0].DayKey != nil || shown[0].Sealed != nil || shown[0].Key != nil {
		l.Error("what a day's key opens came along")
	}
	_, err = tx.Credential(ctx, []byte("h"))
	l.is(err, heed.ErrNotFound)
	begun, err := tx.Setting(ctx, heed.SettingRestoring)
	if err == nil && len(begun) == 0 {
		l.Error("the store may be served from already")
	}
	return err
}
