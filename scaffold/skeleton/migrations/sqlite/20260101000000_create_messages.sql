-- +goose Up
CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    body        TEXT NOT NULL,
    notified_at DATETIME,
    created_at  DATETIME NOT NULL
);
CREATE INDEX messages_created_at ON messages (created_at);

-- +goose Down
DROP TABLE messages;
