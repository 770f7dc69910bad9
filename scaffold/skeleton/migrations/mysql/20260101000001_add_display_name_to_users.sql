-- covet:file auth
-- +goose Up
ALTER TABLE users ADD COLUMN display_name VARCHAR(80) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE users DROP COLUMN display_name;
