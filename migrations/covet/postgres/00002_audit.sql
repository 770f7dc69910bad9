-- +goose Up
CREATE TABLE covet_audit (
    id         varchar(36) NOT NULL PRIMARY KEY,
    action     varchar(128) NOT NULL,
    actor_id   varchar(64) NOT NULL,
    actor_name varchar(254) NOT NULL,
    subject    varchar(191) NOT NULL,
    detail     text NOT NULL,
    address    varchar(45) NOT NULL,
    request_id varchar(128) NOT NULL,
    created_at timestamptz(6) NOT NULL
);

CREATE INDEX idx_covet_audit_action ON covet_audit (action);

CREATE INDEX idx_covet_audit_actor_id ON covet_audit (actor_id);

CREATE INDEX idx_covet_audit_subject ON covet_audit (subject);

CREATE INDEX idx_covet_audit_created_at ON covet_audit (created_at);

-- +goose Down
DROP TABLE covet_audit;
