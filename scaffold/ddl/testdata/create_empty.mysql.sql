-- +goose Up
CREATE TABLE empties (
    id         BIGINT AUTO_INCREMENT PRIMARY KEY,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    INDEX idx_empties_created_at_id (created_at, id)
) CHARACTER SET utf8mb4;

-- +goose Down
DROP TABLE empties;
