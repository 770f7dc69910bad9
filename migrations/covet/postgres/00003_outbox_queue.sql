-- +goose Up
CREATE INDEX idx_covet_outbox_queue_state_run_at ON covet_outbox (queue, state, run_at);

-- +goose Down
DROP INDEX idx_covet_outbox_queue_state_run_at;
