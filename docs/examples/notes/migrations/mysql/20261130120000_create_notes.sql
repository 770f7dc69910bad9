-- +goose Up
CREATE TABLE notes (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    body VARCHAR(500) NOT NULL,
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    created_at DATETIME(6) NOT NULL
);

-- +goose Down
DROP TABLE notes;
