-- +goose Up
-- Times are milliseconds since 1970 in UTC, 0 where there is none. Ids are 26 base-32 digits. What is named sealed,
-- wrapped or content is ciphertext.

-- num is the report's short name inside this database: the search tables repeat it millions of times.
-- list, is_open and urgency_rank are derived from state and urgency so that the desk's lists are index ranges.
-- next_due holds the largest integer where no clock runs, so that such reports sort last.
CREATE TABLE reports (
    num               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                TEXT COLLATE "C" NOT NULL UNIQUE,
    channel           TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    list              TEXT COLLATE "C" NOT NULL,
    is_open           BOOLEAN NOT NULL,
    received_at       BIGINT NOT NULL,
    language          TEXT COLLATE "C" NOT NULL,
    category          TEXT COLLATE "C" NOT NULL,
    urgency           TEXT COLLATE "C" NOT NULL,
    urgency_rank      BIGINT NOT NULL,
    urgency_by        TEXT COLLATE "C" NOT NULL,
    lead_id           TEXT COLLATE "C" NOT NULL,
    day_key           TEXT COLLATE "C" NOT NULL,
    named             BOOLEAN NOT NULL,
    files             BIGINT NOT NULL,
    copies            BIGINT NOT NULL,
    screen_by         BIGINT NOT NULL,
    decide_by         BIGINT NOT NULL,
    conclude_by       BIGINT NOT NULL,
    next_due          BIGINT NOT NULL,
    next_alert        BIGINT NOT NULL,
    alert_level       BIGINT NOT NULL,
    state_since       BIGINT NOT NULL,
    claimed_by        TEXT COLLATE "C" NOT NULL,
    claimed_until     BIGINT NOT NULL,
    claim_from        TEXT COLLATE "C" NOT NULL,
    closed_at         BIGINT NOT NULL,
    version           BIGINT NOT NULL
);

-- One index for each shape of list that the desk and the staff API ask for; the keyset (urgency_rank, next_due, id)
-- closes each, so that any page is a range scan.
CREATE INDEX reports_all            ON reports (urgency_rank, next_due, id);
CREATE INDEX reports_list           ON reports (list, urgency_rank, next_due, id);
CREATE INDEX reports_list_category  ON reports (list, category, urgency_rank, next_due, id);
CREATE INDEX reports_state          ON reports (state, urgency_rank, next_due, id);
CREATE INDEX reports_state_category ON reports (state, category, urgency_rank, next_due, id);
CREATE INDEX reports_claimed        ON reports (claimed_by, urgency_rank, next_due, id) WHERE claimed_by <> '';
CREATE INDEX reports_lapsing        ON reports (claimed_until) WHERE claimed_by <> '';
CREATE INDEX reports_alert          ON reports (next_alert, id) WHERE is_open = TRUE AND next_alert > 0;
CREATE INDEX reports_unscreened     ON reports (state_since, id) WHERE state IN ('received', 'screening');
CREATE INDEX reports_lead           ON reports (lead_id, received_at, id) WHERE lead_id <> '';
CREATE INDEX reports_closed         ON reports (closed_at) WHERE closed_at > 0;

-- Apart from reports, so that a list never reads past a long text and a change of state never rewrites one.
CREATE TABLE contents (
    report            BIGINT PRIMARY KEY REFERENCES reports (num),
    content           BYTEA NOT NULL
);

-- The wrapped keys stand alone: they are backed up apart from everything else, and destroying one erases the report.
CREATE TABLE report_keys (
    report            TEXT COLLATE "C" PRIMARY KEY REFERENCES reports (id),
    wrapped           BYTEA NOT NULL
);

CREATE VIEW full_reports AS
SELECT r.*, c.content FROM reports r JOIN contents c ON c.report = r.num;

CREATE TABLE receipts (
    lookup            BYTEA PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL REFERENCES reports (id),
    sealed_mailbox_key BYTEA NOT NULL
);
CREATE INDEX receipts_report ON receipts (report);

CREATE TABLE day_keys (
    day               TEXT COLLATE "C" PRIMARY KEY,
    identity     BYTEA,
    transit      BYTEA,
    signature    BYTEA,
    destroyed_at      BIGINT NOT NULL
);

CREATE TABLE identities (
    num               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    day               TEXT COLLATE "C" NOT NULL,
    sealed            BYTEA NOT NULL
);
CREATE INDEX identities_report ON identities (report);
CREATE INDEX identities_day    ON identities (day);

CREATE TABLE messages (
    id                TEXT COLLATE "C" PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    author            TEXT COLLATE "C" NOT NULL,
    at                BIGINT NOT NULL,
    sealed            BYTEA NOT NULL
);
CREATE INDEX messages_report ON messages (report, at, id);

CREATE TABLE attachments (
    id                TEXT COLLATE "C" PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    blob_key          TEXT COLLATE "C" NOT NULL,
    type              TEXT COLLATE "C" NOT NULL,
    size              BIGINT NOT NULL,
    day               TEXT COLLATE "C" NOT NULL,
    sealed_name BYTEA,
    transit_key BYTEA,
    day_key     BYTEA,
    at                BIGINT NOT NULL
);
CREATE INDEX attachments_report ON attachments (report, at, id);
CREATE INDEX attachments_day    ON attachments (day);

CREATE TABLE staged_blobs (
    blob_key          TEXT COLLATE "C" PRIMARY KEY,
    at                BIGINT NOT NULL
);
CREATE INDEX staged_blobs_at ON staged_blobs (at);

CREATE TABLE screenings (
    report            TEXT COLLATE "C" PRIMARY KEY,
    at                BIGINT NOT NULL,
    model             TEXT COLLATE "C" NOT NULL,
    failed            BOOLEAN NOT NULL,
    sealed BYTEA
);

-- bands repeats, packed, what the table bands holds of the report, so that its rows can be deleted by their key.
CREATE TABLE fingerprints (
    report            BIGINT PRIMARY KEY REFERENCES reports (num),
    at                BIGINT NOT NULL,
    bands             BYTEA NOT NULL,
    signature         BYTEA NOT NULL
);

CREATE TABLE bands (
    band              BIGINT NOT NULL,
    at                BIGINT NOT NULL,
    report            BIGINT NOT NULL,
    PRIMARY KEY (band, at, report)
);

CREATE TABLE search_tokens (
    token             BYTEA NOT NULL,
    report            BIGINT NOT NULL,
    PRIMARY KEY (token, report)
);
CREATE INDEX search_tokens_report ON search_tokens (report);

CREATE TABLE dispositions (
    id                TEXT COLLATE "C" PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    decided_by        TEXT COLLATE "C" NOT NULL,
    at                BIGINT NOT NULL,
    department        TEXT COLLATE "C" NOT NULL,
    lead_id           TEXT COLLATE "C" NOT NULL,
    approve_by        BIGINT NOT NULL,
    sealed_reason BYTEA,
    second_by         TEXT COLLATE "C" NOT NULL,
    second_at         BIGINT NOT NULL
);
CREATE INDEX dispositions_report  ON dispositions (report, at, id);
CREATE INDEX dispositions_approve ON dispositions (approve_by, id) WHERE state = 'pending' AND approve_by > 0;

CREATE TABLE referrals (
    id                TEXT COLLATE "C" PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    disposition       TEXT COLLATE "C" NOT NULL,
    department        TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    created_at        BIGINT NOT NULL,
    blob_key          TEXT COLLATE "C" NOT NULL,
    size              BIGINT NOT NULL,
    sha256        BYTEA,
    state_since       BIGINT NOT NULL,
    sealed_reason BYTEA,
    outcome           TEXT COLLATE "C" NOT NULL,
    version           BIGINT NOT NULL
);
CREATE INDEX referrals_report     ON referrals (report, id);
CREATE INDEX referrals_department ON referrals (department, id);

CREATE TABLE staff (
    id                TEXT COLLATE "C" PRIMARY KEY,
    name              TEXT COLLATE "C" NOT NULL UNIQUE,
    roles             TEXT COLLATE "C" NOT NULL,
    department        TEXT COLLATE "C" NOT NULL,
    language          TEXT COLLATE "C" NOT NULL,
    passphrase        TEXT COLLATE "C" NOT NULL,
    custodian_public  BYTEA,
    custodian_private BYTEA,
    disabled          BOOLEAN NOT NULL,
    created_at        BIGINT NOT NULL
);

CREATE TABLE credentials (
    hash              BYTEA PRIMARY KEY,
    kind              TEXT COLLATE "C" NOT NULL,
    staff             TEXT COLLATE "C" NOT NULL,
    created_at        BIGINT NOT NULL,
    seen_at           BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX credentials_staff   ON credentials (staff, kind);
CREATE INDEX credentials_expires ON credentials (expires_at) WHERE expires_at > 0;

-- AUTOINCREMENT: a number is never given twice, whatever was deleted.
CREATE TABLE audit_leaves (
    seq               BIGINT PRIMARY KEY,
    at                BIGINT NOT NULL,
    actor             TEXT COLLATE "C" NOT NULL,
    act               TEXT COLLATE "C" NOT NULL,
    report            TEXT COLLATE "C" NOT NULL,
    details BYTEA
);
CREATE INDEX audit_leaves_report ON audit_leaves (report, seq) WHERE report <> '';

-- Beside the leaves, because these go with the report and the leaves stay.
CREATE TABLE audit_notes (
    seq               BIGINT PRIMARY KEY,
    report            TEXT COLLATE "C" NOT NULL,
    note   BYTEA,
    salt   BYTEA
);
CREATE INDEX audit_notes_report ON audit_notes (report);

CREATE TABLE desk_events (
    seq               BIGINT PRIMARY KEY,
    at                BIGINT NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    report            TEXT COLLATE "C" NOT NULL,
    list              TEXT COLLATE "C" NOT NULL,
    level             BIGINT NOT NULL,
    audience          TEXT COLLATE "C" NOT NULL
);
CREATE INDEX desk_events_at ON desk_events (at);

CREATE TABLE settings (
    name              TEXT COLLATE "C" PRIMARY KEY,
    value             BYTEA NOT NULL
);

-- Numbers of leaves and events. A follower asks for what comes after the last number it saw, so nothing may ever appear
-- below a number that could be read. Numbers from a sequence can't promise that, because transactions commit in another
-- order than they drew them. These are made of the transaction's id (upper bits) and a count inside it (lower 20), and
-- a number is settled, that is, shown to followers, once every transaction with a smaller id has ended.
--
-- base keeps numbers rising where a dump is restored into a cluster that is younger than the one it came from.
CREATE TABLE seq_base (base BIGINT NOT NULL);
INSERT INTO seq_base (base) VALUES (0);

-- +goose StatementBegin
CREATE FUNCTION next_seq() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    n BIGINT := COALESCE(NULLIF(current_setting('heed.seq', true), ''), '0')::BIGINT + 1;
BEGIN
    IF n >= 1 << 20 THEN
        RAISE EXCEPTION 'more than 1048575 leaves and events in one transaction';
    END IF;
    PERFORM set_config('heed.seq', n::TEXT, true);
    RETURN (SELECT base FROM seq_base) + (pg_current_xact_id()::TEXT::BIGINT << 20) + n;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION settled_seq() RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT base + (pg_snapshot_xmin(pg_current_snapshot())::TEXT::BIGINT << 20) - 1 FROM seq_base
$$;
-- +goose StatementEnd
