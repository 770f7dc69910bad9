-- +goose Up
CREATE TABLE empties (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE INDEX idx_empties_created_at_id ON empties (created_at, id);

-- +goose Down
DROP TABLE empties;
