package postgres

// tableRights say what the processes of a split line may do with one table. A process that takes reports in (portal, phone)
// and one of the desk each have a role of their own; the worker has the tables' owner's.
type tableRights struct {
	table string
	// portal is a list of privileges as GRANT takes it; "" is none.
	portal string
	// mailbox, where it is set, is the condition under which a portal sees, changes or deletes a row at all: it names the
	// row by what only the row's own reporter, and nobody who lists the table, can know. What it may add isn't bounded.
	mailbox string
	desk    string
}

const (
	everything = "SELECT, INSERT, UPDATE, DELETE"
	reading    = "SELECT"
	adding     = "INSERT"
)

// The condition of a row: the report, or the Receipt's lookup, that this transaction has named. A report's id has 80 random
// bits and a lookup 256, and a portal can list neither.
const (
	namedReport  = "= current_setting('heed.report', true)"
	namedReceipt = "lookup = decode(current_setting('heed.lookup', true), 'hex')"
)

// rights lists every table of the database; a test fails when one is missing. Leaves and the tree over them are only ever
// added to, by whatever process: who could change one could also unsay what they did.
func rights() []tableRights {
	return []tableRights{
		// What comes in. A portal writes sealed content, wrapped keys and identities and never sees one again; an Identity
		// it deletes for the reporter who takes it back.
		{"reports", "SELECT, INSERT, UPDATE", "id " + namedReport, everything},
		{"contents", adding, "", everything},
		{"report_keys", adding, "", everything},
		{"receipts", "SELECT, INSERT", namedReceipt, everything},
		{"identities", "SELECT (report), INSERT, DELETE", "report " + namedReport, everything},
		{"messages", "SELECT, INSERT", "report " + namedReport, everything},
		{"attachments", "SELECT (id, report, blob_key, type, size, day, sealed_name, at), INSERT, UPDATE (day_key)", "report " + namedReport, everything},
		{"disclosures", "SELECT (id, report, state, at, reason, second_at, until, seen_at), UPDATE (state, until, sealed)", "report " + namedReport, everything},
		{"staged_blobs", everything, "", everything},
		{"uploads", everything, "", everything},
		{"upload_pieces", everything, "", everything},
		// Public halves, signed, and what everybody may know.
		{"day_keys", reading, "", everything},
		{"settings", reading, "", everything},
		// What follows from a report.
		{"audit_leaves", "SELECT (seq), INSERT", "", "SELECT, INSERT"},
		{"audit_notes", "", "", everything},
		{"desk_events", "SELECT (seq), INSERT", "", everything},
		{"seq_base", reading, "", reading},
		{"river_job", "SELECT (unique_key, unique_states, state), INSERT", "", everything},
		// What a portal has no business with.
		{"screenings", "", "", everything},
		{"fingerprints", "", "", everything},
		{"bands", "", "", everything},
		{"search_tokens", "", "", everything},
		{"dispositions", "", "", everything},
		{"referrals", "", "", everything},
		{"staff", "", "", everything},
		{"credentials", "", "", everything},
		{"factors", "", "", everything},
		{"announcements", "", "", everything},
		{"custodian_approvals", "", "", everything},
		// The schema's own notes, and the runner's.
		{"goose_db_version", reading, "", reading},
		{"river_migration", reading, "", reading},
		{"river_leader", "", "", ""},
		{"river_queue", "", "", ""},
		{"river_notification", "", "", ""},
	}
}

// viewRights are those of the views, which run with their owner's rights and so would show a portal every row.
func viewRights() []tableRights {
	return []tableRights{{"full_reports", "", "", reading}}
}

// sequences are those from which adding to a table needs a number.
func sequences() []string { return []string{"river_job_id_seq"} }
