-- +goose Up
ALTER TABLE covet_outbox ADD COLUMN priority bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN version bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN sealed_with varchar(16) NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN meta longtext NOT NULL DEFAULT ('');
ALTER TABLE covet_outbox ADD COLUMN losses bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN last_stack longtext NOT NULL DEFAULT ('');
ALTER TABLE covet_outbox ADD COLUMN unique_as varchar(191) NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN unique_until datetime(6);
ALTER TABLE covet_outbox ADD COLUMN cancel_asked_at datetime(6);
ALTER TABLE covet_outbox ADD COLUMN limit_key varchar(191);
ALTER TABLE covet_outbox ADD COLUMN progress_done bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN progress_total bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN result longtext NOT NULL DEFAULT ('');
ALTER TABLE covet_outbox ADD COLUMN schedule varchar(150) NOT NULL DEFAULT '';
ALTER TABLE covet_outbox ADD COLUMN chain_id varchar(36);
ALTER TABLE covet_outbox ADD COLUMN chain_index bigint NOT NULL DEFAULT 0;
ALTER TABLE covet_outbox ADD COLUMN batch_id varchar(36);
ALTER TABLE covet_outbox ADD COLUMN callback_of varchar(36);

CREATE INDEX idx_covet_outbox_chain_id ON covet_outbox (chain_id, chain_index);

CREATE INDEX idx_covet_outbox_batch_id ON covet_outbox (batch_id);

CREATE INDEX idx_covet_outbox_limit_key ON covet_outbox (limit_key, state);

CREATE TABLE covet_job_queues (
    name      varchar(64) NOT NULL,
    paused_at datetime(6),
    PRIMARY KEY (name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE covet_job_workers (
    id          varchar(36) NOT NULL,
    host        varchar(255) NOT NULL,
    pid         bigint NOT NULL,
    works       boolean NOT NULL,
    queues      longtext NOT NULL,
    concurrency bigint NOT NULL,
    running     bigint NOT NULL,
    stopping    boolean NOT NULL,
    started_at  datetime(6) NOT NULL,
    seen_at     datetime(6) NOT NULL,
    PRIMARY KEY (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE covet_job_stats (
    minute       datetime(6) NOT NULL,
    queue        varchar(64) NOT NULL,
    worker       varchar(36) NOT NULL,
    done         bigint NOT NULL,
    failed       bigint NOT NULL,
    dead         bigint NOT NULL,
    run_us       bigint NOT NULL,
    wait_us      bigint NOT NULL,
    run_buckets  longtext NOT NULL,
    wait_buckets longtext NOT NULL,
    PRIMARY KEY (minute, queue, worker)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE covet_job_schedules (
    name        varchar(150) NOT NULL,
    spec        varchar(191) NOT NULL,
    kind        varchar(191) NOT NULL,
    last_tick   datetime(6),
    last_job_id varchar(36) NOT NULL,
    seen_at     datetime(6) NOT NULL,
    PRIMARY KEY (name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE covet_job_batches (
    id          varchar(36) NOT NULL,
    total       bigint NOT NULL,
    done        bigint NOT NULL,
    dead        bigint NOT NULL,
    cancelled   bigint NOT NULL,
    callback_id varchar(36),
    created_at  datetime(6) NOT NULL,
    finished_at datetime(6),
    PRIMARY KEY (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
DROP TABLE covet_job_batches;

DROP TABLE covet_job_schedules;

DROP TABLE covet_job_stats;

DROP TABLE covet_job_workers;

DROP TABLE covet_job_queues;

DROP INDEX idx_covet_outbox_limit_key ON covet_outbox;

DROP INDEX idx_covet_outbox_batch_id ON covet_outbox;

DROP INDEX idx_covet_outbox_chain_id ON covet_outbox;

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
