package realworld

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/api"
)

// ArticleSummary is an article in a list.
type ArticleSummary struct {
	Slug           string    `json:"slug"`
	Title          string    `json:"title"`
	Description    string    `json:"description"`
	TagList        []string  `json:"tagList"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	Favorited      bool      `json:"favorited"`
	FavoritesCount int64     `json:"favoritesCount"`
	Author         Profile   `json:"author"`
}

// ArticleView is a whole article.
type ArticleView struct {
	ArticleSummary
	Body string `json:"body"`
}

// Articles is a page of a list.
type Articles struct {
	Articles      []ArticleSummary `json:"articles"`
	ArticlesCount int64            `json:"articlesCount"`
}

type window struct {
	Limit  int `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Offset int `query:"offset" minimum:"0" maximum:"10000"`
}

type listInput struct {
	api.OptionalActor
	window
	Tag       string `query:"tag" maxLength:"50"`
	Author    string `query:"author" maxLength:"64"`
	Favorited string `query:"favorited" maxLength:"64"`
}

func (h *articles) list(ctx context.Context, in *listInput) (*output[Articles], error) {
	db := h.db.With(ctx)
	query := db.Model(&Article{})
	if in.Tag != "" {
		query = query.Where("id IN (?)", db.Model(&ArticleTag{}).Select("article_id").Where("name = ?", in.Tag))
	}
	if in.Author != "" {
		query = query.Where("author_id IN (?)", db.Model(&User{}).Select("id").Where("username = ?", in.Author))
	}
	if in.Favorited != "" {
		user := db.Model(&User{}).Select("id").Where("username = ?", in.Favorited)
		query = query.Where("id IN (?)", db.Model(&Favorite{}).Select("article_id").Where("user_id IN (?)", user))
	}
	return h.page(ctx, query, in.window, in.UserID())
}

type feedInput struct {
	api.Actor
	window
}

func (h *articles) feed(ctx context.Context, in *feedInput) (*output[Articles], error) {
	db := h.db.With(ctx)
	followed := db.Model(&Follow{}).Select("followed_id").Where("follower_id = ?", in.UserID())
	return h.page(ctx, db.Model(&Article{}).Where("author_id IN (?)", followed), in.window, in.UserID())
}

// page returns a part of what a query finds, the newest first.
func (h *articles) page(ctx context.Context, query *gorm.DB, w window, viewer int64) (*output[Articles], error) {
	var out output[Articles]
	var found []Article
	query = query.Session(&gorm.Session{})
	if err := query.Count(&out.Body.ArticlesCount).Error; err != nil {
		return nil, err
	}
	err := query.Preload("Author").Preload("Tags").Order("created_at DESC, id DESC").
		Limit(w.Limit).Offset(w.Offset).Find(&found).Error
	if err != nil {
		return nil, err
	}
	out.Body.Articles, err = h.views(ctx, found, viewer)
	return &out, err
}

// views returns articles as a user sees them, in three queries.
func (h *articles) views(ctx context.Context, list []Article, viewer int64) ([]ArticleSummary, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var ids, authors []int64
	for _, article := range list {
		ids, authors = append(ids, article.ID), append(authors, article.AuthorID)
	}
	var counts []struct{ ArticleID, N int64 }
	favorites := h.db.With(ctx).Model(&Favorite{}).Where("article_id IN ?", ids).Session(&gorm.Session{})
	if err := favorites.Select("article_id, COUNT(*) AS n").Group("article_id").Scan(&counts).Error; err != nil {
		return nil, err
	}
	var own []int64
	if err := favorites.Where("user_id = ?", viewer).Pluck("article_id", &own).Error; err != nil {
		return nil, err
	}
	followed, err := followedBy(ctx, h.db, viewer, authors...)
	if err != nil {
		return nil, err
	}
	liked := map[int64]int64{}
	for _, count := range counts {
		liked[count.ArticleID] = count.N
	}
	likes := map[int64]bool{}
	for _, id := range own {
		likes[id] = true
	}
	var views []ArticleSummary
	for _, a := range list {
		views = append(views, ArticleSummary{
			Slug: a.Slug, Title: a.Title, Description: a.Description, TagList: tagNames(a.Tags),
			CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Favorited: likes[a.ID], FavoritesCount: liked[a.ID],
			Author: newProfile(a.Author, followed[a.AuthorID]),
		})
	}
	return views, nil
}
