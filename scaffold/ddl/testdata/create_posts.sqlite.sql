-- +goose Up
CREATE TABLE posts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    slug         TEXT NOT NULL,
    summary      TEXT,
    rating       INTEGER NOT NULL,
    "rank"       INTEGER NOT NULL DEFAULT -3,
    views        INTEGER NOT NULL,
    weight       REAL,
    price        NUMERIC(10,2) NOT NULL,
    pinned       BOOLEAN NOT NULL DEFAULT TRUE,
    held_on      DATE NOT NULL,
    published_at DATETIME,
    starts_at    DATETIME NOT NULL DEFAULT '2026-01-02 01:04:05+00:00',
    token        TEXT NOT NULL,
    meta         TEXT NOT NULL,
    options      TEXT NOT NULL DEFAULT '{"a":"it''s"}',
    status       TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'live')),
    mood         TEXT CHECK (mood IN ('up', 'down')),
    cover        TEXT NOT NULL,
    https        BOOLEAN NOT NULL,
    note         TEXT NOT NULL DEFAULT 'it''s',
    author_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    category_id  INTEGER NOT NULL REFERENCES categories (id) ON DELETE RESTRICT,
    parent_id    INTEGER REFERENCES posts (id) ON DELETE SET NULL,
    order_id     INTEGER REFERENCES categories (id) ON DELETE SET NULL,
    created_at   DATETIME NOT NULL,
    updated_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX idx_posts_slug ON posts (slug);
CREATE INDEX idx_posts_rating ON posts (rating);
CREATE UNIQUE INDEX idx_posts_token ON posts (token);
CREATE INDEX idx_posts_author_id ON posts (author_id, created_at, id);
CREATE INDEX idx_posts_editor_id ON posts (editor_id, created_at, id);
CREATE INDEX idx_posts_category_id ON posts (category_id, created_at, id);
CREATE INDEX idx_posts_parent_id ON posts (parent_id, created_at, id);
CREATE UNIQUE INDEX idx_posts_order_id ON posts (order_id);
CREATE INDEX idx_posts_created_at_id ON posts (created_at, id);

CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag_id  INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
CREATE INDEX idx_post_tags_tag_id ON post_tags (tag_id);

CREATE TABLE post_related (
    post_id    INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    related_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, related_id)
);
CREATE INDEX idx_post_related_related_id ON post_related (related_id);

-- +goose Down
DROP TABLE post_related;
DROP TABLE post_tags;
DROP TABLE posts;
