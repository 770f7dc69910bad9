-- +goose Up
DROP TABLE post_labels;
ALTER TABLE posts
    DROP FOREIGN KEY fk_posts_reviewer,
    DROP INDEX idx_posts_reviewer_id,
    DROP INDEX idx_posts_sku,
    DROP COLUMN reviewer_id,
    DROP COLUMN sku,
    DROP COLUMN due_on,
    DROP COLUMN subtitle;

-- +goose Down
-- due_on is nullable, because its former values are lost.
-- sku is nullable, because its former values are lost.
-- reviewer_id is nullable, because its former values are lost.
ALTER TABLE posts
    ADD COLUMN subtitle VARCHAR(255) NOT NULL DEFAULT '',
    ADD COLUMN due_on DATE,
    ADD COLUMN sku VARCHAR(255),
    ADD COLUMN reviewer_id BIGINT,
    ADD UNIQUE INDEX idx_posts_sku (sku),
    ADD INDEX idx_posts_reviewer_id (reviewer_id),
    ADD CONSTRAINT fk_posts_reviewer FOREIGN KEY (reviewer_id) REFERENCES users (id) ON DELETE SET NULL;

CREATE TABLE post_labels (
    post_id BIGINT NOT NULL,
    tag_id  BIGINT NOT NULL,
    PRIMARY KEY (post_id, tag_id),
    INDEX idx_post_labels_tag_id (tag_id),
    CONSTRAINT fk_post_labels_post FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT fk_post_labels_tag FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;
