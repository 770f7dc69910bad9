-- +goose Up
CREATE TABLE messages (
    id          BIGINT AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(100) NOT NULL,
    email       VARCHAR(254) NOT NULL,
    body        TEXT NOT NULL,
    notified_at DATETIME(6),
    created_at  DATETIME(6) NOT NULL,
    INDEX messages_created_at (created_at)
) CHARACTER SET utf8mb4;

-- +goose Down
DROP TABLE messages;
