-- +goose Up
CREATE TABLE users (
    id                bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email             varchar(254) NOT NULL,
    password_hash     varchar(255) NOT NULL,
    email_verified_at datetime(6),
    disabled_at       datetime(6),
    created_at        datetime(6) NOT NULL,
    updated_at        datetime(6) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_users_email ON users (email);

CREATE TABLE covet_roles (
    id          bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name        varchar(64) NOT NULL,
    description varchar(255) NOT NULL,
    created_at  datetime(6) NOT NULL,
    updated_at  datetime(6) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_roles_name ON covet_roles (name);

CREATE TABLE covet_role_permissions (
    id         bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    role_id    bigint NOT NULL,
    permission varchar(128) NOT NULL,
    FOREIGN KEY (role_id) REFERENCES covet_roles (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_role_permissions ON covet_role_permissions (role_id, permission);

CREATE TABLE covet_user_roles (
    user_id bigint NOT NULL,
    role_id bigint NOT NULL,
    PRIMARY KEY (user_id, role_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (role_id) REFERENCES covet_roles (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE INDEX idx_covet_user_roles_role_id ON covet_user_roles (role_id);

CREATE TABLE covet_sessions (
    id           bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token_hash   varchar(64) NOT NULL,
    user_id      bigint NOT NULL,
    remember     tinyint(1) NOT NULL,
    address      varchar(45) NOT NULL,
    user_agent   varchar(255) NOT NULL,
    created_at   datetime(6) NOT NULL,
    signed_in_at datetime(6) NOT NULL,
    last_seen_at datetime(6) NOT NULL,
    expires_at   datetime(6) NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_sessions_token_hash ON covet_sessions (token_hash);

CREATE INDEX idx_covet_sessions_user_id ON covet_sessions (user_id);

CREATE INDEX idx_covet_sessions_expires_at ON covet_sessions (expires_at);

CREATE TABLE covet_tokens (
    id         bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token_hash varchar(64) NOT NULL,
    purpose    varchar(32) NOT NULL,
    user_id    bigint,
    email      varchar(254) NOT NULL,
    payload    longtext NOT NULL,
    created_at datetime(6) NOT NULL,
    expires_at datetime(6) NOT NULL,
    used_at    datetime(6),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_tokens_token_hash ON covet_tokens (token_hash);

CREATE INDEX idx_covet_tokens_user_id ON covet_tokens (user_id);

CREATE INDEX idx_covet_tokens_email ON covet_tokens (email);

CREATE INDEX idx_covet_tokens_expires_at ON covet_tokens (expires_at);

CREATE TABLE covet_access_tokens (
    id           bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id      bigint NOT NULL,
    name         varchar(100) NOT NULL,
    token_hash   varchar(64) NOT NULL,
    hint         varchar(16) NOT NULL,
    scopes       varchar(1000) NOT NULL,
    created_at   datetime(6) NOT NULL,
    last_used_at datetime(6),
    expires_at   datetime(6),
    revoked_at   datetime(6),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE UNIQUE INDEX idx_covet_access_tokens_token_hash ON covet_access_tokens (token_hash);

CREATE INDEX idx_covet_access_tokens_user_id ON covet_access_tokens (user_id);

INSERT INTO covet_roles (name, description, created_at, updated_at)
VALUES ('admin', 'May do everything, in the admin and elsewhere', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP);

INSERT INTO covet_role_permissions (role_id, permission)
SELECT id, '*' FROM covet_roles WHERE name = 'admin';

-- +goose Down
DROP TABLE covet_access_tokens;
DROP TABLE covet_tokens;
DROP TABLE covet_sessions;
DROP TABLE covet_user_roles;
DROP TABLE covet_role_permissions;
DROP TABLE covet_roles;
DROP TABLE users;
