-- +goose Up
DROP TABLE post_labels;
DROP INDEX idx_posts_reviewer_id;
DROP INDEX idx_posts_sku;
ALTER TABLE posts DROP COLUMN reviewer_id;
ALTER TABLE posts DROP COLUMN sku;
ALTER TABLE posts DROP COLUMN due_on;
ALTER TABLE posts DROP COLUMN subtitle;

-- +goose Down
-- due_on is nullable, because its former values are lost.
-- sku is nullable, because its former values are lost.
-- reviewer_id is nullable, because its former values are lost.
ALTER TABLE posts ADD COLUMN subtitle VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE posts ADD COLUMN due_on DATE;
ALTER TABLE posts ADD COLUMN sku VARCHAR(255);
ALTER TABLE posts ADD COLUMN reviewer_id BIGINT REFERENCES users (id) ON DELETE SET NULL;
CREATE UNIQUE INDEX idx_posts_sku ON posts (sku);
CREATE INDEX idx_posts_reviewer_id ON posts (reviewer_id);

CREATE TABLE post_labels (
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag_id  BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
CREATE INDEX idx_post_labels_tag_id ON post_labels (tag_id);
