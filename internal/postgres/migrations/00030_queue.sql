-- +goose Up
-- Callers who wait for a call-taker or speak with one, for as long as that lasts; who takes calls; wishes to be called back; and what
-- became of the calls, by hour and language. Nothing says who calls but call_backs, whose numbers are sealed to the day's transit key
-- and live four hours.
CREATE TABLE queued_calls (
    id       TEXT COLLATE "C" PRIMARY KEY,
    language TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    seen     BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    taker    TEXT COLLATE "C" NOT NULL,
    phone    TEXT   NOT NULL,
    former   TEXT COLLATE "C" NOT NULL,
    key      BYTEA  NOT NULL,
    sealed   BYTEA,
    returned BOOLEAN NOT NULL,
    back     BOOLEAN NOT NULL,
    answered BIGINT NOT NULL
);

CREATE TABLE duties (
    staff     TEXT COLLATE "C" PRIMARY KEY,
    languages TEXT COLLATE "C" NOT NULL, -- ',en,ar,' or '' for any
    since     BIGINT NOT NULL,
    until     BIGINT NOT NULL,
    off       TEXT   NOT NULL
);

CREATE TABLE call_backs (
    id       TEXT COLLATE "C" PRIMARY KEY,
    day      TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    sealed   BYTEA  NOT NULL,
    taker    TEXT COLLATE "C" NOT NULL,
    phone    TEXT   NOT NULL,
    claimed  BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    key      BYTEA,
    resealed BYTEA
);

CREATE TABLE call_hours (
    hour          BIGINT NOT NULL,
    language      TEXT COLLATE "C" NOT NULL,
    offered       BIGINT NOT NULL,
    answered      BIGINT NOT NULL,
    answered_soon BIGINT NOT NULL,
    abandoned     BIGINT NOT NULL,
    elsewhere     BIGINT NOT NULL,
    called_back   BIGINT NOT NULL,
    waited        BIGINT NOT NULL,
    longest       BIGINT NOT NULL,
    PRIMARY KEY (hour, language)
);

-- A telephone process sees the rows of its own calls alone. How many are ahead of one, and how many takers are on duty, it learns as a
-- number, by functions that see all rows and give nothing else.
-- +goose StatementBegin
CREATE FUNCTION calls_ahead(call TEXT) RETURNS BIGINT LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COUNT(*) FROM public.queued_calls q JOIN public.queued_calls mine ON mine.id = call
    WHERE q.state = 'waiting' AND q.id <> mine.id
      AND (q.returned > mine.returned OR q.returned = mine.returned AND (q.since < mine.since OR q.since = mine.since AND q.id < mine.id))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION takers_on_duty(wanted TEXT, at BIGINT) RETURNS BIGINT LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COUNT(*) FROM public.duties WHERE off = '' AND until > at AND (languages = '' OR strpos(languages, ',' || wanted || ',') > 0)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION call_backs_living(at BIGINT) RETURNS BIGINT LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT COUNT(*) FROM public.call_backs WHERE expires > at
$$;
-- +goose StatementEnd
