-- +goose Up
-- Times are milliseconds since 1970 in UTC, 0 where there is none. Ids are 26 base-32 digits. What is named sealed,
-- wrapped or content is ciphertext.

-- num is the report's short name inside this database: the search tables repeat it millions of times.
-- list, is_open and urgency_rank are derived from state and urgency so that the desk's lists are index ranges.
-- next_due holds the largest integer where no clock runs, so that such reports sort last.
CREATE TABLE reports (
    num           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    channel       TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    list          TEXT    NOT NULL,
    is_open       BOOLEAN NOT NULL,
    received_at   BIGINT  NOT NULL,
    language      TEXT    NOT NULL,
    category      TEXT    NOT NULL,
    urgency       TEXT    NOT NULL,
    urgency_rank  BIGINT  NOT NULL,
    urgency_by    TEXT    NOT NULL,
    lead_id       TEXT    NOT NULL,
    day_key       TEXT    NOT NULL,
    named         BOOLEAN NOT NULL,
    files         BIGINT  NOT NULL,
    copies        BIGINT  NOT NULL,
    screen_by     BIGINT  NOT NULL,
    decide_by     BIGINT  NOT NULL,
    conclude_by   BIGINT  NOT NULL,
    next_due      BIGINT  NOT NULL,
    next_alert    BIGINT  NOT NULL,
    alert_level   BIGINT  NOT NULL,
    state_since   BIGINT  NOT NULL,
    claimed_by    TEXT    NOT NULL,
    claimed_until BIGINT  NOT NULL,
    claim_from    TEXT    NOT NULL,
    closed_at     BIGINT  NOT NULL,
    version       BIGINT  NOT NULL
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
    report  INTEGER PRIMARY KEY REFERENCES reports (num),
    content BLOB    NOT NULL
);

-- The wrapped keys stand alone: they are backed up apart from everything else, and destroying one erases the report.
CREATE TABLE report_keys (
    report  TEXT PRIMARY KEY REFERENCES reports (id),
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

CREATE VIEW full_reports AS
SELECT r.*, c.content FROM reports r JOIN contents c ON c.report = r.num;

CREATE TABLE receipts (
    lookup             BLOB PRIMARY KEY,
    report             TEXT NOT NULL REFERENCES reports (id),
    sealed_mailbox_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX receipts_report ON receipts (report);

CREATE TABLE day_keys (
    day          TEXT   PRIMARY KEY,
    identity     BLOB,
    transit      BLOB,
    signature    BLOB,
    destroyed_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE identities (
    num    INTEGER PRIMARY KEY,
    report TEXT NOT NULL,
    day    TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX identities_report ON identities (report);
CREATE INDEX identities_day    ON identities (day);

CREATE TABLE messages (
    id     TEXT   PRIMARY KEY,
    report TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    author TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    sealed BLOB   NOT NULL
);
CREATE INDEX messages_report ON messages (report, at, id);

CREATE TABLE attachments (
    id          TEXT   PRIMARY KEY,
    report      TEXT   NOT NULL,
    blob_key    TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    day         TEXT   NOT NULL,
    sealed_name BLOB,
    transit_key BLOB,
    day_key     BLOB,
    at          BIGINT NOT NULL
);
CREATE INDEX attachments_report ON attachments (report, at, id);
CREATE INDEX attachments_day    ON attachments (day);

CREATE TABLE staged_blobs (
    blob_key TEXT   PRIMARY KEY,
    at       BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX staged_blobs_at ON staged_blobs (at);

CREATE TABLE screenings (
    report TEXT    PRIMARY KEY,
    at     BIGINT  NOT NULL,
    model  TEXT    NOT NULL,
    failed BOOLEAN NOT NULL,
    sealed BLOB
) WITHOUT ROWID;

-- bands repeats, packed, what the table bands holds of the report, so that its rows can be deleted by their key.
CREATE TABLE fingerprints (
    report    INTEGER PRIMARY KEY REFERENCES reports (num),
    at        BIGINT NOT NULL,
    bands     BLOB   NOT NULL,
    signature BLOB   NOT NULL
);

CREATE TABLE bands (
    band   BIGINT  NOT NULL,
    at     BIGINT  NOT NULL,
    report INTEGER NOT NULL,
    PRIMARY KEY (band, at, report)
) WITHOUT ROWID;

CREATE TABLE search_tokens (
    token  BLOB    NOT NULL,
    report INTEGER NOT NULL,
    PRIMARY KEY (token, report)
) WITHOUT ROWID;
CREATE INDEX search_tokens_report ON search_tokens (report);

CREATE TABLE dispositions (
    id            TEXT   PRIMARY KEY,
    report        TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    decided_by    TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    department    TEXT   NOT NULL,
    lead_id       TEXT   NOT NULL,
    approve_by    BIGINT NOT NULL,
    sealed_reason BLOB,
    second_by     TEXT   NOT NULL,
    second_at     BIGINT NOT NULL
);
CREATE INDEX dispositions_report  ON dispositions (report, at, id);
CREATE INDEX dispositions_approve ON dispositions (approve_by, id) WHERE state = 'pending' AND approve_by > 0;

CREATE TABLE referrals (
    id            TEXT   PRIMARY KEY,
    report        TEXT   NOT NULL,
    disposition   TEXT   NOT NULL,
    department    TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    blob_key      TEXT   NOT NULL,
    size          BIGINT NOT NULL,
    sha256        BLOB,
    state_since   BIGINT NOT NULL,
    sealed_reason BLOB,
    outcome       TEXT   NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX referrals_report     ON referrals (report, id);
CREATE INDEX referrals_department ON referrals (department, id);

CREATE TABLE staff (
    id                TEXT    PRIMARY KEY,
    name              TEXT    NOT NULL UNIQUE,
    roles             TEXT    NOT NULL,
    department        TEXT    NOT NULL,
    language          TEXT    NOT NULL,
    passphrase        TEXT    NOT NULL,
    custodian_public  BLOB,
    custodian_private BLOB,
    disabled          BOOLEAN NOT NULL,
    created_at        BIGINT  NOT NULL
);

CREATE TABLE credentials (
    hash       BLOB   PRIMARY KEY,
    kind       TEXT   NOT NULL,
    staff      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX credentials_staff   ON credentials (staff, kind);
CREATE INDEX credentials_expires ON credentials (expires_at) WHERE expires_at > 0;

-- AUTOINCREMENT: a number is never given twice, whatever was deleted.
CREATE TABLE audit_leaves (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    act     TEXT   NOT NULL,
    report  TEXT   NOT NULL,
    details BLOB
);
CREATE INDEX audit_leaves_report ON audit_leaves (report, seq) WHERE report <> '';

-- Beside the leaves, because these go with the report and the leaves stay.
CREATE TABLE audit_notes (
    seq    INTEGER PRIMARY KEY,
    report TEXT NOT NULL,
    note   BLOB,
    salt   BLOB
);
CREATE INDEX audit_notes_report ON audit_notes (report);

CREATE TABLE desk_events (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    report   TEXT   NOT NULL,
    list     TEXT   NOT NULL,
    level    BIGINT NOT NULL,
    audience TEXT   NOT NULL
);
CREATE INDEX desk_events_at ON desk_events (at);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
