-- +goose Up
-- copy_of: the report with the same text under which this one waits, as the machine proposes; '' where it waits by itself.
DROP VIEW full_reports;

ALTER TABLE reports ADD COLUMN copy_of TEXT NOT NULL DEFAULT '';

CREATE INDEX reports_copies ON reports (copy_of, urgency_rank, next_due, id) WHERE copy_of <> '';

CREATE VIEW full_reports AS
SELECT
    r.num, r.id, r.channel, r.state, r.list, r.is_open, r.received_at, r.language, r.category, r.urgency,
    r.urgency_rank, r.urgency_by, r.lead_id, r.day_key, r.named, r.files, r.copies, r.screen_by, r.decide_by,
    r.conclude_by, r.next_due, r.next_alert, r.alert_level, r.state_since, r.claimed_by, r.claimed_until,
    r.claim_from, r.closed_at, r.version, r.handed, r.review_since, r.kept,
    c.content, r.copy_of
FROM reports r JOIN contents c ON c.report = r.num;
