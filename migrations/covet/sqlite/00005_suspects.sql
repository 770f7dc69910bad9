-- +goose Up
ALTER TABLE covet_job_workers ADD COLUMN suspects integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE covet_job_workers DROP COLUMN suspects;
