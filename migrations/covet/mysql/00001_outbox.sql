-- +goose Up
CREATE TABLE covet_outbox (
    id          varchar(36)  NOT NULL PRIMARY KEY,
    kind        varchar(191) NOT NULL,
    queue       varchar(64)  NOT NULL,
    payload     longtext     NOT NULL,
    state       varchar(16)  NOT NULL,
    run_at      datetime(6)  NOT NULL,
    unique_key  varchar(191),
    delivery    bigint       NOT NULL,
    attempts    bigint       NOT NULL,
    epoch       varchar(36)  NOT NULL,
    holder      varchar(36)  NOT NULL,
    lease_until datetime(6),
    last_error  longtext     NOT NULL,
    created_at  datetime(6)  NOT NULL,
    started_at  datetime(6),
    finished_at datetime(6),
    INDEX idx_covet_outbox_state_run_at (state, run_at),
    UNIQUE INDEX idx_covet_outbox_unique_key (unique_key)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- +goose Down
DROP TABLE covet_outbox;
