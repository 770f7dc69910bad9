-- +goose Up
CREATE TABLE covet_audit (
    id         text NOT NULL PRIMARY KEY,
    action     text NOT NULL,
    actor_id   text NOT NULL,
    actor_name text NOT NULL,
    subject    text NOT NULL,
    detail     text NOT NULL,
    address    text NOT NULL,
    request_id text NOT NULL,
    created_at datetime NOT NULL
);

CREATE INDEX idx_covet_audit_action ON covet_audit (action);

CREATE INDEX idx_covet_audit_actor_id ON covet_audit (actor_id);

CREATE INDEX idx_covet_audit_subject ON covet_audit (subject);

CREATE INDEX idx_covet_audit_created_at ON covet_audit (created_at);

-- +goose Down
DROP TABLE covet_audit;
