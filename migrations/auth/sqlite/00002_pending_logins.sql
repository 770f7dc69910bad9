-- +goose Up
CREATE TABLE covet_pending_logins (
    id           integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash   text NOT NULL,
    user_id      integer,
    account_hash text NOT NULL,
    method       text NOT NULL,
    step         text NOT NULL,
    remember     numeric NOT NULL,
    next         text NOT NULL,
    data         text NOT NULL,
    created_at   datetime NOT NULL,
    expires_at   datetime NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_covet_pending_logins_token_hash ON covet_pending_logins (token_hash);

CREATE INDEX idx_covet_pending_logins_user_id ON covet_pending_logins (user_id);

CREATE INDEX idx_covet_pending_logins_expires_at ON covet_pending_logins (expires_at);

-- +goose Down
DROP TABLE covet_pending_logins;
