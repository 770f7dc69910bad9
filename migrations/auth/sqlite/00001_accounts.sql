-- +goose Up
CREATE TABLE users (
    id                integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    email             text NOT NULL,
    password_hash     text NOT NULL,
    email_verified_at datetime,
    disabled_at       datetime,
    created_at        datetime NOT NULL,
    updated_at        datetime NOT NULL
);

CREATE UNIQUE INDEX idx_users_email ON users (email);

CREATE TABLE covet_roles (
    id          integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    name        text NOT NULL,
    description text NOT NULL,
    created_at  datetime NOT NULL,
    updated_at  datetime NOT NULL
);

CREATE UNIQUE INDEX idx_covet_roles_name ON covet_roles (name);

CREATE TABLE covet_role_permissions (
    id         integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    role_id    integer NOT NULL,
    permission text NOT NULL,
    FOREIGN KEY (role_id) REFERENCES covet_roles (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_covet_role_permissions ON covet_role_permissions (role_id, permission);

CREATE TABLE covet_user_roles (
    user_id integer NOT NULL,
    role_id integer NOT NULL,
    PRIMARY KEY (user_id, role_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (role_id) REFERENCES covet_roles (id) ON DELETE CASCADE
);

CREATE INDEX idx_covet_user_roles_role_id ON covet_user_roles (role_id);

CREATE TABLE covet_sessions (
    id           integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash   text NOT NULL,
    user_id      integer NOT NULL,
    remember     numeric NOT NULL,
    address      text NOT NULL,
    user_agent   text NOT NULL,
    created_at   datetime NOT NULL,
    signed_in_at datetime NOT NULL,
    last_seen_at datetime NOT NULL,
    expires_at   datetime NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_covet_sessions_token_hash ON covet_sessions (token_hash);

CREATE INDEX idx_covet_sessions_user_id ON covet_sessions (user_id);

CREATE INDEX idx_covet_sessions_expires_at ON covet_sessions (expires_at);

CREATE TABLE covet_tokens (
    id         integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash text NOT NULL,
    purpose    text NOT NULL,
    user_id    integer,
    email      text NOT NULL,
    payload    text NOT NULL,
    created_at datetime NOT NULL,
    expires_at datetime NOT NULL,
    used_at    datetime,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_covet_tokens_token_hash ON covet_tokens (token_hash);

CREATE INDEX idx_covet_tokens_user_id ON covet_tokens (user_id);

CREATE INDEX idx_covet_tokens_email ON covet_tokens (email);

CREATE INDEX idx_covet_tokens_expires_at ON covet_tokens (expires_at);

CREATE TABLE covet_access_tokens (
    id           integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id      integer NOT NULL,
    name         text NOT NULL,
    token_hash   text NOT NULL,
    hint         text NOT NULL,
    scopes       text NOT NULL,
    created_at   datetime NOT NULL,
    last_used_at datetime,
    expires_at   datetime,
    revoked_at   datetime,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

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
