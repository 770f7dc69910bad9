-- +goose Up
ALTER TABLE users ADD COLUMN username VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN bio VARCHAR(1000) NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN image VARCHAR(2000) NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_username ON users (username);
CREATE TABLE articles (
    id          BIGINT AUTO_INCREMENT PRIMARY KEY,
    slug        VARCHAR(250) NOT NULL UNIQUE,
    title       VARCHAR(200) NOT NULL,
    description VARCHAR(1000) NOT NULL,
    body        MEDIUMTEXT NOT NULL,
    author_id   BIGINT NOT NULL,
    created_at  DATETIME(6) NOT NULL,
    updated_at  DATETIME(6) NOT NULL,
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX articles_author_id ON articles (author_id);
CREATE INDEX articles_created_at ON articles (created_at);
CREATE TABLE article_tags (
    article_id BIGINT NOT NULL,
    name       VARCHAR(50) NOT NULL,
    PRIMARY KEY (article_id, name),
    FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX article_tags_name ON article_tags (name);
CREATE TABLE favorites (
    user_id    BIGINT NOT NULL,
    article_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, article_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX favorites_article_id ON favorites (article_id);
CREATE TABLE follows (
    follower_id BIGINT NOT NULL,
    followed_id BIGINT NOT NULL,
    PRIMARY KEY (follower_id, followed_id),
    FOREIGN KEY (follower_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (followed_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX follows_followed_id ON follows (followed_id);
CREATE TABLE comments (
    id         BIGINT AUTO_INCREMENT PRIMARY KEY,
    article_id BIGINT NOT NULL,
    author_id  BIGINT NOT NULL,
    body       MEDIUMTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
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
DROP INDEX users_username ON users;
ALTER TABLE users DROP COLUMN image;
ALTER TABLE users DROP COLUMN bio;
ALTER TABLE users DROP COLUMN username;
