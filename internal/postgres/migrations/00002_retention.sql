-- +goose Up
-- handed: a Department had the report, or may have. review_since: when a referred report's span was over and a person was
-- asked; 0 before. kept is derived from state, claim_from and these two, so that what is over is an index range: '' where
-- no span runs.
DROP VIEW full_reports;

ALTER TABLE reports ADD COLUMN handed       BOOLEAN          NOT NULL DEFAULT FALSE;
ALTER TABLE reports ADD COLUMN review_since BIGINT           NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN kept         TEXT COLLATE "C" NOT NULL DEFAULT '';

UPDATE reports SET handed = TRUE
WHERE EXISTS (SELECT 1 FROM referrals f WHERE f.report = reports.id AND f.state <> 'cancelled');

UPDATE reports SET kept = CASE
    WHEN handed = TRUE OR state <> 'closed' THEN 'referred'
    WHEN claim_from = 'set_aside' AND lead_id = '' THEN 'set_aside'
    ELSE 'closed' END
WHERE state IN ('closed', 'referred', 'accepted', 'outcome');

CREATE INDEX reports_kept ON reports (kept, state_since, id) WHERE kept <> '';

CREATE VIEW full_reports AS
SELECT r.*, c.content FROM reports r JOIN contents c ON c.report = r.num;
