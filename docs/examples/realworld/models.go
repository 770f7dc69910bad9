package realworld

import (
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// User is an account with what others see of it.
type User struct {
	covetmodels.User
	Username string `unique:"users.username"`
	Bio      string
	Image    string
}

// Article is an article.
type Article struct {
	ID          int64
	Slug        string
	Title       string
	Description string
	Body        string
	AuthorID    int64
	Author      User
	Tags        []ArticleTag
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ArticleTag is one tag of an article.
type ArticleTag struct {
	ArticleID int64  `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
}

// Favorite is an article that a user likes.
type Favorite struct {
	UserID    int64 `gorm:"primaryKey"`
	ArticleID int64 `gorm:"primaryKey"`
}

// Follow is a user who reads what another one writes.
type Follow struct {
	FollowerID int64 `gorm:"primaryKey"`
	FollowedID int64 `gorm:"primaryKey"`
}

// Comment is a comment on an article.
type Comment struct {
	ID        int64
	ArticleID int64
	AuthorID  int64
	Author    User
	Body      string
	CreatedAt time.Time
	UpdatedAt time.Time
}
