-- +goose Up
CREATE TABLE covet_pending_logins (
    id           bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token_hash   varchar(64) NOT NULL,
    user_id      bigint,
    account_hash varchar(64) NOT NULL,
    method       varchar(64) NOT NULL,
    step         varchar(64) NOT NULL,
    remember     tinyint(1) NOT NULL,
    next         varchar(2000) NOT NULL,
    data         longtext NOT NULL,
    created_at   datetime(6) NOT NULL,
    expires_at   datetime(6) NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_pending_logins_token_hash ON covet_pending_logins (token_hash);

CREATE INDEX idx_covet_pending_logins_user_id ON covet_pending_logins (user_id);

CREATE INDEX idx_covet_pending_logins_expires_at ON covet_pending_logins (expires_at);

-- +goose Down
DROP TABLE covet_pending_logins;
