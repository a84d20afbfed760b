-- name: InsertQueuedCall :execrows
INSERT INTO queued_calls (id, language, since, seen, state, taker, phone, former, key, sealed, returned, back, answered)
VALUES (
    sqlc.arg(id), sqlc.arg(language), sqlc.arg(since), sqlc.arg(seen), sqlc.arg(state), sqlc.arg(taker), sqlc.arg(phone), '', sqlc.arg(key),
    NULL, FALSE, sqlc.arg(back), 0
) ON CONFLICT DO NOTHING;

-- name: GetQueuedCall :one
SELECT * FROM queued_calls WHERE id = sqlc.arg(id);

-- name: QueuedCalls :many
SELECT * FROM queued_calls ORDER BY returned DESC, since, id;

-- name: SeeQueuedCall :execrows
UPDATE queued_calls SET seen = sqlc.arg(seen) WHERE id = sqlc.arg(id);

-- name: TakeQueuedCall :execrows
UPDATE queued_calls SET state = 'ringing', taker = sqlc.arg(taker), phone = sqlc.arg(phone) WHERE id = sqlc.arg(id) AND state = 'waiting';

-- name: AnswerQueuedCall :execrows
UPDATE queued_calls SET state = 'talking', answered = CASE WHEN answered = 0 THEN CAST(sqlc.arg(at) AS BIGINT) ELSE answered END
WHERE id = sqlc.arg(id) AND state = 'ringing' AND taker = sqlc.arg(taker);

-- name: ReturnQueuedCall :execrows
UPDATE queued_calls SET state = 'waiting', former = taker, taker = '', phone = '', returned = TRUE
WHERE id = sqlc.arg(id) AND state IN ('ringing', 'talking') AND taker = sqlc.arg(taker);

-- name: HandQueuedCall :execrows
UPDATE queued_calls SET state = sqlc.arg(state), former = taker, taker = sqlc.arg(receiver), phone = sqlc.arg(phone), returned = TRUE
WHERE id = sqlc.arg(id) AND state = 'talking' AND taker = sqlc.arg(taker);

-- name: FinishQueuedCall :execrows
UPDATE queued_calls SET state = 'reading', taker = sqlc.arg(taker), sealed = sqlc.arg(sealed)
WHERE id = sqlc.arg(id) AND (state = 'talking' AND taker = sqlc.arg(taker) OR state = 'waiting' AND former = sqlc.arg(taker));

-- name: DeleteQueuedCall :execrows
DELETE FROM queued_calls WHERE id = sqlc.arg(id);

-- name: DeleteQueuedCallSeen :execrows
DELETE FROM queued_calls WHERE id = sqlc.arg(id) AND seen = sqlc.arg(seen);

-- name: CountCall :exec
INSERT INTO call_hours (hour, language, offered, answered, answered_soon, abandoned, elsewhere, called_back, waited, longest)
VALUES (
    sqlc.arg(hour), sqlc.arg(language), sqlc.arg(offered), sqlc.arg(answered), sqlc.arg(answered_soon), sqlc.arg(abandoned),
    sqlc.arg(elsewhere), sqlc.arg(called_back), sqlc.arg(waited), sqlc.arg(longest)
) ON CONFLICT (hour, language) DO UPDATE SET
    offered = call_hours.offered + excluded.offered, answered = call_hours.answered + excluded.answered,
    answered_soon = call_hours.answered_soon + excluded.answered_soon, abandoned = call_hours.abandoned + excluded.abandoned,
    elsewhere = call_hours.elsewhere + excluded.elsewhere, called_back = call_hours.called_back + excluded.called_back,
    waited = call_hours.waited + excluded.waited,
    longest = CASE WHEN excluded.longest > call_hours.longest THEN excluded.longest ELSE call_hours.longest END;

-- name: CallHours :many
SELECT * FROM call_hours WHERE hour >= sqlc.arg(from_hour) AND hour < sqlc.arg(before) ORDER BY hour, language;

-- name: DeleteCallHours :exec
DELETE FROM call_hours WHERE hour < sqlc.arg(before);

-- name: PutDuty :exec
INSERT INTO duties (staff, languages, since, until, off) VALUES (sqlc.arg(staff), sqlc.arg(languages), sqlc.arg(since), sqlc.arg(until), sqlc.arg(off))
ON CONFLICT (staff) DO UPDATE SET languages = excluded.languages, since = excluded.since, until = excluded.until, off = excluded.off;

-- name: GetDuty :one
SELECT * FROM duties WHERE staff = sqlc.arg(staff);

-- name: Duties :many
SELECT * FROM duties ORDER BY since, staff;

-- name: EndDuty :exec
DELETE FROM duties WHERE staff = sqlc.arg(staff);

-- name: EndDutyFor :execrows
UPDATE duties SET off = sqlc.arg(off) WHERE staff = sqlc.arg(staff);

-- name: DeleteDuties :exec
DELETE FROM duties WHERE until < sqlc.arg(before);
