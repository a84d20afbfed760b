package postgres

// tableRights say what the processes of a split line may do with one table. A process that takes reports in (portal, phone)
// and one of the desk each have a role of their own; the worker has the tables' owner's.
type tableRights struct {
	table string
	// portal is a list of privileges as GRANT takes it; "" is none. A telephone takes reports in too, and has them all.
	portal string
	// phone is what a telephone may do besides.
	phone string
	desk  string
	// sees, where it is set, is the condition under which a portal or a telephone sees, changes or deletes a row at all.
	sees string
	// adds, where it is set, is the condition that a row must meet for either to add it.
	adds string
	// from and to, where they are set, are the conditions that a row must meet before and after either changes it. Before,
	// it is one that it sees too.
	from, to string
}

// guarded reports whether the table has row security.
func (r tableRights) guarded() bool {
	return r.sees != "" || r.adds != "" || r.from != "" || r.to != ""
}

// byPhone is all that a telephone may do.
func (r tableRights) byPhone() string {
	if r.portal != "" && r.phone != "" {
		return r.portal + ", " + r.phone
	}
	return r.portal + r.phone
}

const (
	everything = "SELECT, INSERT, UPDATE, DELETE"
	reading    = "SELECT"
	adding     = "INSERT"
)

// Rows that a portal sees: those of the report, or of the Receipt's lookup, that this transaction has named. A report's id has
// 80 random bits and a lookup 256, and a portal can list neither. Of leaves and events it reads back the number that it just gave.
const (
	namedReport  = "= current_setting('heed.report', true)"
	namedReceipt = "lookup = decode(current_setting('heed.lookup', true), 'hex')"
	namedCall    = "id = current_setting('heed.call', true)"
	namedTaker   = "staff = current_setting('heed.taker', true)"
	namedNumber  = "(" + namedCall + " OR taker <> '' AND key IS NULL)" // or one that a taker took up and nobody dials yet
	justNumbered = "seq > (SELECT base FROM seq_base) + (pg_current_xact_id()::TEXT::BIGINT << 20)"
)

// Rows that a portal adds: what a reporter does, never what staff do or the machine.
const (
	newReport    = "state = 'received' AND claimed_by = '' AND lead_id = '' AND urgency_by = '' AND NOT handed"
	byReporter   = "author = '' AND kind IN ('answer', 'addition', 'withdrawal')"
	byNobody     = "actor = '' AND act IN (" + portalActs + ")"
	forEverybody = "audience = ''"
	nothingSaid  = "sealed IS NULL AND former = '' AND answered = 0"
	newCallBack  = "taker = '' AND key IS NULL AND resealed IS NULL"
)

// A Disclosure ends where the reporter takes the Identity back. A portal can end an open one so and do nothing else to any: a
// lapsed one it can't open again, nor one that was refused, nor an open one make last longer or show something else.
const (
	openDisclosure  = "state IN ('asked', 'exported', 'approved', 'released') AND until > 0"
	takenDisclosure = "state = 'taken-back' AND until = 0 AND sealed IS NULL"
)

// portalJobs are the kinds of job that a portal may add; a trigger holds it to them, since rows that are copied in, as jobs are,
// row security can't check. What intake causes beyond these needs its kind here.
const portalJobs = "'screen', 'screen-message', 'erase-report', 'identity-taken-back', 'originals-taken-back'"

// portalActs are the acts of which a portal may add leaves: what reporters do. An erasure, a disclosure or what staff did it can't
// claim. What else intake notes needs its act here.
const portalActs = "'report.received', 'report.answered', 'report.withdrawn', 'identity.taken-back'"

// jobsTrigger is the name of that trigger and of its function.
const jobsTrigger = "heed_portal_jobs"

// rights lists every table of the database; a test fails when one is missing. Leaves and the tree over them are only ever
// added to, by whatever process: who could change one could also unsay what they did.
func rights() []tableRights {
	return []tableRights{
		// What comes in. A portal writes sealed content, wrapped keys and identities and never sees one again; an Identity
		// it deletes for the reporter who takes it back.
		{table: "reports", portal: "SELECT, INSERT, UPDATE", desk: everything, sees: "id " + namedReport, adds: newReport},
		{table: "contents", portal: adding, desk: everything},
		{table: "report_keys", portal: adding, desk: everything},
		{table: "receipts", portal: "SELECT, INSERT", desk: everything, sees: namedReceipt},
		{table: "identities", portal: "SELECT (report), INSERT, DELETE", desk: everything, sees: "report " + namedReport},
		{table: "messages", portal: "SELECT, INSERT", desk: everything, sees: "report " + namedReport, adds: byReporter},
		{table: "attachments", portal: "SELECT (id, report, blob_key, type, size, day, sealed_name, at), INSERT, UPDATE (day_key)", desk: everything, sees: "report " + namedReport},
		{table: "disclosures", portal: "SELECT (id, report, state, at, reason, second_at, until, seen_at, exported_at, exported_again, file), UPDATE (state, until, sealed)", desk: everything, sees: "report " + namedReport, from: openDisclosure, to: takenDisclosure},
		{table: "staged_blobs", portal: everything, desk: everything},
		{table: "uploads", portal: everything, desk: everything},
		{table: "upload_pieces", portal: everything, desk: everything},
		// A telephone has its own calls, and no portal has any; what is sealed in one it can't read back.
		{table: "calls", phone: "SELECT (id, seen), INSERT, UPDATE (sealed, seen), DELETE", desk: everything, sees: namedCall},
		// So it has callers who wait, and their numbers to call back, which it can't read back either. Of who takes calls it may say
		// that the phone of one isn't answered, where a call is with them.
		{table: "queued_calls", phone: "SELECT, INSERT, UPDATE (seen, state, taker, phone, former, returned, answered), DELETE", desk: everything, sees: namedCall, adds: nothingSaid},
		{table: "call_backs", phone: "SELECT (id, language, since, expires, taker, phone, claimed, tries, key, resealed), INSERT, UPDATE (expires, sealed, taker, phone, claimed, tries, key, resealed)", desk: everything, sees: namedNumber, adds: newCallBack},
		{table: "duties", phone: "SELECT (staff), UPDATE (off)", desk: everything, sees: namedTaker},
		{table: "call_hours", phone: "SELECT, INSERT, UPDATE", desk: everything},
		// Public halves, signed, and what everybody may know.
		{table: "day_keys", portal: reading, desk: everything},
		{table: "settings", portal: reading, desk: everything},
		// What follows from a report.
		{table: "audit_leaves", portal: "SELECT (seq), INSERT", desk: "SELECT, INSERT", sees: justNumbered, adds: byNobody},
		{table: "audit_notes", desk: everything},
		{table: "audit_tree", desk: reading}, // the worker alone hangs and signs
		{table: "audit_checkpoints", desk: reading},
		{table: "desk_events", portal: "SELECT (seq), INSERT", desk: everything, sees: justNumbered, adds: forEverybody},
		{table: "seq_base", portal: reading, desk: reading},
		{table: "river_job", portal: "SELECT (unique_key, unique_states, state), INSERT", desk: everything}, // and see portalJobs
		// What a portal has no business with.
		{table: "safe_copies", desk: everything},
		{table: "redactions", desk: everything},
		{table: "exposures", desk: everything},
		{table: "looks", desk: everything},
		{table: "look_marks", desk: everything},
		{table: "sightings", desk: everything},
		{table: "drafts", desk: everything},
		{table: "screenings", desk: everything},
		{table: "campaigns", desk: everything},
		{table: "fingerprints", desk: everything},
		{table: "marks", desk: everything},
		{table: "search_tokens", desk: everything},
		{table: "search_blocks", desk: everything},
		{table: "models", desk: everything},
		{table: "model_files", desk: everything},
		{table: "model_keys", desk: everything},
		{table: "dispositions", desk: everything},
		{table: "referrals", desk: everything},
		{table: "staff", desk: everything},
		{table: "credentials", desk: everything},
		{table: "factors", desk: everything},
		{table: "announcements", desk: everything},
		{table: "custodian_approvals", desk: everything},
		// The schema's own notes, and the runner's.
		{table: "goose_db_version", portal: reading, desk: reading},
		{table: "river_migration", portal: reading, desk: reading},
		{table: "river_leader"},
		{table: "river_queue"},
		{table: "river_notification"},
	}
}

// viewRights are those of the views, which run with their owner's rights: a portal may read one that shows no more than what it named.
func viewRights() []tableRights {
	return []tableRights{{table: "full_reports", desk: reading}, {table: "held_originals", portal: reading, desk: reading}}
}

// phoneFunctions say numbers of rows that a telephone doesn't see. They run with their owner's rights, and everybody may call a
// function unless that is taken away.
func phoneFunctions() []string {
	return []string{"calls_ahead(TEXT)", "takers_on_duty(TEXT, BIGINT)", "call_backs_living(BIGINT)"}
}

// sequences are those from which adding to a table needs a number.
func sequences() []string { return []string{"river_job_id_seq"} }
