-- +goose Up
-- What a file is known again by, sealed under its report's data key; the keyed marks by which others are looked for among them, which are
-- made anew from it; and which file was found to show, or to let hear, what an earlier one does. All of it goes with the reports.
CREATE TABLE looks (
    file   TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX looks_report ON looks (report);

CREATE TABLE look_marks (
    mark BIGINT NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (mark, file)
) WITHOUT ROWID;
CREATE INDEX look_marks_file ON look_marks (file);

CREATE TABLE sightings (
    file           TEXT NOT NULL,
    report         TEXT NOT NULL,
    earlier        TEXT NOT NULL,
    earlier_report TEXT NOT NULL,
    kind           TEXT NOT NULL,
    score          BIGINT NOT NULL, -- in thousandths
    PRIMARY KEY (file, earlier)
) WITHOUT ROWID;
CREATE INDEX sightings_report  ON sightings (report);
CREATE INDEX sightings_earlier ON sightings (earlier_report);
