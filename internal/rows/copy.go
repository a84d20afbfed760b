package rows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/heed-line/heed"
)

// Copied says what a backup takes of one table.
type Copied struct {
	Table string
	Part  heed.Part // "": nothing of it, for the reason that stands beside
	// Null are columns that a backup leaves out, because what they hold dies with a day.
	Null []string
	// Blob is the column with the key of a sealed file that belongs to the backup.
	Blob string
	// Only is the condition of the rows that a backup holds; "" is all.
	Only string
	// Where is the condition under which a row is taken in again; "" is always. The part with the keys may be the younger one.
	Where string
}

// Copies lists every table that both engines have, in an order in which they can be filled; a test fails when one is missing.
// Rows that a day's keys open stand in no backup: an Identity that its reporter took back must not return, whoever still has the keystore.
func Copies() []Copied {
	return []Copied{
		{Table: "settings", Part: heed.PartData, Only: "name <> '" + heed.SettingRestoring + "'"},
		{Table: "reports", Part: heed.PartData},
		{Table: "contents", Part: heed.PartData},
		{Table: "day_keys", Part: heed.PartData},
		{Table: "messages", Part: heed.PartData},
		{Table: "attachments", Part: heed.PartData, Null: []string{"transit_key", "day_key"}}, // their blobs open no more: they stay out too
		{Table: "safe_copies", Part: heed.PartData, Blob: "blob_key"},                         // their keys open with their report's
		{Table: "redactions", Part: heed.PartData, Blob: "blob_key"},
		{Table: "looks", Part: heed.PartData}, {Table: "sightings", Part: heed.PartData},
		{Table: "screenings", Part: heed.PartData},
		{Table: "models", Part: heed.PartData},
		{Table: "model_files", Part: heed.PartData},
		{Table: "dispositions", Part: heed.PartData},
		{Table: "referrals", Part: heed.PartData, Blob: "blob_key"},
		{Table: "disclosures", Part: heed.PartData, Null: []string{"showing_key", "sealed"}}, // an Identity on its way to who asked
		{Table: "staff", Part: heed.PartData},
		{Table: "factors", Part: heed.PartData},
		{Table: "announcements", Part: heed.PartData},
		{Table: "call_hours", Part: heed.PartData},
		{Table: "custodian_approvals", Part: heed.PartData},
		{Table: "audit_leaves", Part: heed.PartData},
		{Table: "audit_tree", Part: heed.PartData},
		{Table: "audit_checkpoints", Part: heed.PartData},
		// What goes with a report, a Receipt's way to its mailbox included: a message that was erased must not open again, whoever
		// still has the Receipt. A note's salt would let guesses at an erased reason be tested.
		{Table: "report_keys", Part: heed.PartKeys, Where: "EXISTS (SELECT 1 FROM reports WHERE id = {report})"},
		{Table: "model_keys", Part: heed.PartKeys, Where: "EXISTS (SELECT 1 FROM models WHERE id = {model})"},
		{Table: "receipts", Part: heed.PartKeys, Where: "EXISTS (SELECT 1 FROM reports WHERE id = {report})"},
		{Table: "audit_notes", Part: heed.PartKeys, Where: "EXISTS (SELECT 1 FROM audit_leaves WHERE seq = {seq})"},
		// Left out.
		{Table: "identities"},                                                 // die within seven days
		{Table: "staged_blobs"}, {Table: "uploads"}, {Table: "upload_pieces"}, // files of reports that aren't sent yet
		{Table: "calls"}, {Table: "queued_calls"}, // that are going on
		{Table: "duties"},                                                                                                                          // are over within hours
		{Table: "call_backs"},                                                                                                                      // numbers that live four hours
		{Table: "drafts"},                                                                                                                          // handed in or gone within a day
		{Table: "exposures"},                                                                                                                       // what somebody saw lives a week, nowhere else
		{Table: "campaigns"}, {Table: "look_marks"}, {Table: "fingerprints"}, {Table: "marks"}, {Table: "search_tokens"}, {Table: "search_blocks"}, // are made anew from the content
		{Table: "credentials"},                                                    // one that was withdrawn since must not return
		{Table: "desk_events"},                                                    // are over within a day
		{Table: "goose_db_version"},                                               // the schema's own notes
		{Table: "river_job"}, {Table: "river_migration"}, {Table: "river_leader"}, // jobs go as heed.CopiedJobs
		{Table: "river_queue"}, {Table: "river_notification"}, {Table: "river_client"}, {Table: "river_client_queue"},
	}
}

// Select is the statement that gives the table's rows.
func (c Copied) Select() string {
	if c.Only == "" {
		return "SELECT * FROM " + c.Table
	}
	return "SELECT * FROM " + c.Table + " WHERE " + c.Only
}

// Given is a copy's row: the values of c's table with what stays out left out, and the file that it names.
func (c Copied) Given(columns []string, values []any) *heed.CopiedRow {
	row := &heed.CopiedRow{Part: c.Part, Table: c.Table, Columns: columns, Values: values}
	for i, name := range columns {
		if slices.Contains(c.Null, name) {
			values[i] = nil
		}
		if name == c.Blob {
			row.Blob, _ = values[i].(string)
		}
	}
	return row
}

// Taken finds how a row that comes back is taken in. ErrInvalid: a backup holds no such table.
func Taken(table string) (Copied, error) {
	for _, c := range Copies() {
		if c.Table == table && c.Part != "" {
			return c, nil
		}
	}
	return Copied{}, fmt.Errorf("no backup holds a table %q: %w", table, heed.ErrInvalid)
}

// Insert is the statement that adds a row of these columns, with placeholders ?1, ?2, …, where the row belongs.
//
// ErrInvalid: a column's name is none.
func (c Copied) Insert(columns []string) (string, error) {
	var names, places string
	where := c.Where
	for i, name := range columns {
		if !columnName.MatchString(name) {
			return "", fmt.Errorf("a column %q of %s: %w", name, c.Table, heed.ErrInvalid)
		}
		if i > 0 {
			names, places = names+", ", places+", "
		}
		place := fmt.Sprintf("?%d", i+1)
		names, places = names+name, places+place
		where = strings.ReplaceAll(where, "{"+name+"}", place)
	}
	if where == "" {
		return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", c.Table, names, places), nil
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s WHERE %s", c.Table, names, places, where), nil
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
