-- +goose Up
ALTER TABLE posts ADD COLUMN subtitle TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE posts DROP COLUMN subtitle;
