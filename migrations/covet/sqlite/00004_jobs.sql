-- +goose Up
ALTER TABLE covet_outbox ADD COLUMN priority integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN version integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN sealed_with text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN meta text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN losses integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN last_stack text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN unique_as text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN unique_until datetime;
ALTER TABLE covet_outbox ADD COLUMN cancel_asked_at datetime;
ALTER TABLE covet_outbox ADD COLUMN limit_key text;
ALTER TABLE covet_outbox ADD COLUMN progress_done integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN progress_total integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN result text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN schedule text NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN chain_id text;
ALTER TABLE covet_outbox ADD COLUMN chain_index integer NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN batch_id text;
ALTER TABLE covet_outbox ADD COLUMN callback_of text;

CREATE INDEX idx_covet_outbox_chain_id ON covet_outbox (chain_id, chain_index);

CREATE INDEX idx_covet_outbox_batch_id ON covet_outbox (batch_id);

CREATE INDEX idx_covet_outbox_limit_key ON covet_outbox (limit_key, state);

CREATE TABLE covet_job_queues (
    name      text NOT NULL,
    paused_at datetime,
    PRIMARY KEY (name)
);

CREATE TABLE covet_job_workers (
    id          text NOT NULL,
    host        text NOT NULL,
    pid         integer NOT NULL,
    works       numeric NOT NULL,
    queues      text NOT NULL,
    concurrency integer NOT NULL,
    running     integer NOT NULL,
    stopping    numeric NOT NULL,
    started_at  datetime NOT NULL,
    seen_at     datetime NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE covet_job_stats (
    minute       datetime NOT NULL,
    queue        text NOT NULL,
    worker       text NOT NULL,
    done         integer NOT NULL,
    failed       integer NOT NULL,
    dead         integer NOT NULL,
    run_us       integer NOT NULL,
    wait_us      integer NOT NULL,
    run_buckets  text NOT NULL,
    wait_buckets text NOT NULL,
    PRIMARY KEY (minute, queue, worker)
);

CREATE TABLE covet_job_schedules (
    name        text NOT NULL,
    spec        text NOT NULL,
    kind        text NOT NULL,
    last_tick   datetime,
    last_job_id text NOT NULL,
    seen_at     datetime NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE covet_job_batches (
    id          text NOT NULL,
    total       integer NOT NULL,
    done        integer NOT NULL,
    dead        integer NOT NULL,
    cancelled   integer NOT NULL,
    callback_id text,
    created_at  datetime NOT NULL,
    finished_at datetime,
    PRIMARY KEY (id)
);

-- +goose Down
DROP TABLE covet_job_batches;

DROP TABLE covet_job_schedules;

DROP TABLE covet_job_stats;

DROP TABLE covet_job_workers;

DROP TABLE covet_job_queues;

DROP INDEX idx_covet_outbox_limit_key;

DROP INDEX idx_covet_outbox_batch_id;

DROP INDEX idx_covet_outbox_chain_id;

ALTER TABLE covet_outbox DROP COLUMN callback_of;
ALTER TABLE covet_outbox DROP COLUMN batch_id;
ALTER TABLE covet_outbox DROP COLUMN chain_index;
ALTER TABLE covet_outbox DROP COLUMN chain_id;
ALTER TABLE covet_outbox DROP COLUMN schedule;
ALTER TABLE covet_outbox DROP COLUMN result;
ALTER TABLE covet_outbox DROP COLUMN progress_total;
ALTER TABLE covet_outbox DROP COLUMN progress_done;
ALTER TABLE covet_outbox DROP COLUMN limit_key;
ALTER TABLE covet_outbox DROP COLUMN cancel_asked_at;
ALTER TABLE covet_outbox DROP COLUMN unique_until;
ALTER TABLE covet_outbox DROP COLUMN unique_as;
ALTER TABLE covet_outbox DROP COLUMN last_stack;
ALTER TABLE covet_outbox DROP COLUMN losses;
ALTER TABLE covet_outbox DROP COLUMN meta;
ALTER TABLE covet_outbox DROP COLUMN sealed_with;
ALTER TABLE covet_outbox DROP COLUMN version;
ALTER TABLE covet_outbox DROP COLUMN priority;
