-- +goose Up
CREATE TABLE covet_outbox (
    id          varchar(36)    NOT NULL PRIMARY KEY,
    kind        varchar(191)   NOT NULL,
    queue       varchar(64)    NOT NULL,
    payload     text           NOT NULL,
    state       varchar(16)    NOT NULL,
    run_at      timestamptz(6) NOT NULL,
    unique_key  varchar(191),
    delivery    bigint         NOT NULL,
    attempts    bigint         NOT NULL,
    epoch       varchar(36)    NOT NULL,
    holder      varchar(36)    NOT NULL,
    lease_until timestamptz(6),
    last_error  text           NOT NULL,
    created_at  timestamptz(6) NOT NULL,
    started_at  timestamptz(6),
    finished_at timestamptz(6)
);

CREATE INDEX idx_covet_outbox_state_run_at ON covet_outbox (state, run_at);

CREATE UNIQUE INDEX idx_covet_outbox_unique_key ON covet_outbox (unique_key);

-- +goose Down
DROP TABLE covet_outbox;
