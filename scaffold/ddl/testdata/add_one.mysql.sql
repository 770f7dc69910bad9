-- +goose Up
ALTER TABLE posts ADD COLUMN subtitle VARCHAR(255) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE posts DROP COLUMN subtitle;
