-- +goose Up
CREATE TABLE covet_outbox (
    id          text     NOT NULL PRIMARY KEY,
    kind        text     NOT NULL,
    queue       text     NOT NULL,
    payload     text     NOT NULL,
    state       text     NOT NULL,
    run_at      datetime NOT NULL,
    unique_key  text,
    delivery    integer  NOT NULL,
    attempts    integer  NOT NULL,
    epoch       text     NOT NULL,
    holder      text     NOT NULL,
    lease_until datetime,
    last_error  text     NOT NULL,
    created_at  datetime NOT NULL,
    started_at  datetime,
    finished_at datetime
);

CREATE INDEX idx_covet_outbox_state_run_at ON covet_outbox (state, run_at);

CREATE UNIQUE INDEX idx_covet_outbox_unique_key ON covet_outbox (unique_key);

-- +goose Down
DROP TABLE covet_outbox;
