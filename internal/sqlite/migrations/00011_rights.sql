-- +goose Up
-- categories: those to which the account is limited, with commas; '' is no limit.
ALTER TABLE staff ADD COLUMN categories TEXT NOT NULL DEFAULT '';

-- category: the report's, so that who is limited hears of nothing else; '' where it has none or the event is of no report.
ALTER TABLE desk_events ADD COLUMN category TEXT NOT NULL DEFAULT '';

-- For who is limited and asks for all lists at once.
CREATE INDEX reports_category ON reports (category, urgency_rank, next_due, id);
