-- +goose Up
CREATE TABLE post_labels (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag_id  INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
CREATE INDEX idx_post_labels_tag_id ON post_labels (tag_id);

-- +goose Down
DROP TABLE post_labels;
