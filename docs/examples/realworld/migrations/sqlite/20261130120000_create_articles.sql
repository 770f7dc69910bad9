-- +goose Up
ALTER TABLE users ADD COLUMN username TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN image TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_username ON users (username);
CREATE TABLE articles (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    slug        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    body        TEXT NOT NULL,
    author_id   INTEGER NOT NULL,
    created_at  DATETIME NOT NULL,
    updated_at  DATETIME NOT NULL,
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX articles_author_id ON articles (author_id);
CREATE INDEX articles_created_at ON articles (created_at);
CREATE TABLE article_tags (
    article_id INTEGER NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (article_id, name),
    FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX article_tags_name ON article_tags (name);
CREATE TABLE favorites (
    user_id    INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, article_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX favorites_article_id ON favorites (article_id);
CREATE TABLE follows (
    follower_id INTEGER NOT NULL,
    followed_id INTEGER NOT NULL,
    PRIMARY KEY (follower_id, followed_id),
    FOREIGN KEY (follower_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (followed_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX follows_followed_id ON follows (followed_id);
CREATE TABLE comments (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL,
    author_id  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE,
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX comments_article_id ON comments (article_id);
CREATE INDEX comments_author_id ON comments (author_id);

-- +goose Down
DROP TABLE comments;
DROP TABLE follows;
DROP TABLE favorites;
DROP TABLE article_tags;
DROP TABLE articles;
DROP INDEX users_username;
ALTER TABLE users DROP COLUMN image;
ALTER TABLE users DROP COLUMN bio;
ALTER TABLE users DROP COLUMN username;
