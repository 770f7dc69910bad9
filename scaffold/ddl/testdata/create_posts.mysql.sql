-- +goose Up
-- MySQL commits each statement at once: when a later one fails, the earlier ones stay.
CREATE TABLE posts (
    id           BIGINT AUTO_INCREMENT PRIMARY KEY,
    title        VARCHAR(255) NOT NULL,
    body         MEDIUMTEXT NOT NULL,
    slug         VARCHAR(255) NOT NULL,
    summary      MEDIUMTEXT,
    rating       INT NOT NULL,
    `rank`       INT NOT NULL DEFAULT -3,
    views        BIGINT NOT NULL,
    weight       DOUBLE,
    price        DECIMAL(10,2) NOT NULL,
    pinned       BOOLEAN NOT NULL DEFAULT TRUE,
    held_on      DATE NOT NULL,
    published_at DATETIME(6),
    starts_at    DATETIME(6) NOT NULL DEFAULT '2026-01-02 01:04:05',
    token        CHAR(36) NOT NULL,
    meta         JSON NOT NULL,
    options      JSON NOT NULL DEFAULT ('{"a":"it''s"}'),
    status       VARCHAR(64) NOT NULL DEFAULT 'draft',
    mood         VARCHAR(64),
    cover        VARCHAR(255) NOT NULL,
    https        BOOLEAN NOT NULL,
    note         MEDIUMTEXT NOT NULL DEFAULT ('it''s'),
    author_id    BIGINT NOT NULL,
    editor_id    BIGINT,
    category_id  BIGINT NOT NULL,
    parent_id    BIGINT,
    order_id     BIGINT,
    created_at   DATETIME(6) NOT NULL,
    updated_at   DATETIME(6) NOT NULL,
    UNIQUE INDEX idx_posts_slug (slug),
    INDEX idx_posts_rating (rating),
    UNIQUE INDEX idx_posts_token (token),
    INDEX idx_posts_author_id (author_id, created_at, id),
    INDEX idx_posts_editor_id (editor_id, created_at, id),
    INDEX idx_posts_category_id (category_id, created_at, id),
    INDEX idx_posts_parent_id (parent_id, created_at, id),
    UNIQUE INDEX idx_posts_order_id (order_id),
    INDEX idx_posts_created_at_id (created_at, id),
    CONSTRAINT chk_posts_status CHECK (status IN ('draft', 'live')),
    CONSTRAINT chk_posts_mood CHECK (mood IN ('up', 'down')),
    CONSTRAINT fk_posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_posts_editor FOREIGN KEY (editor_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_posts_category FOREIGN KEY (category_id) REFERENCES categories (id) ON DELETE RESTRICT,
    CONSTRAINT fk_posts_parent FOREIGN KEY (parent_id) REFERENCES posts (id) ON DELETE SET NULL,
    CONSTRAINT fk_posts_order FOREIGN KEY (order_id) REFERENCES categories (id) ON DELETE SET NULL
) CHARACTER SET utf8mb4;

CREATE TABLE post_tags (
    post_id BIGINT NOT NULL,
    tag_id  BIGINT NOT NULL,
    PRIMARY KEY (post_id, tag_id),
    INDEX idx_post_tags_tag_id (tag_id),
    CONSTRAINT fk_post_tags_post FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT fk_post_tags_tag FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;

CREATE TABLE post_related (
    post_id    BIGINT NOT NULL,
    related_id BIGINT NOT NULL,
    PRIMARY KEY (post_id, related_id),
    INDEX idx_post_related_related_id (related_id),
    CONSTRAINT fk_post_related_post FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT fk_post_related_related FOREIGN KEY (related_id) REFERENCES posts (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;

-- +goose Down
DROP TABLE post_related;
DROP TABLE post_tags;
DROP TABLE posts;
