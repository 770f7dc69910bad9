package realworld

import (
	"context"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
)

type comments struct{ db *database.DB }

// CommentView is a comment as a user sees it.
type CommentView struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Author    Profile   `json:"author"`
}

func newCommentView(c Comment, following bool) CommentView {
	return CommentView{c.ID, c.Body, c.CreatedAt, c.UpdatedAt, newProfile(c.Author, following)}
}

type createCommentInput struct {
	articleInput
	Body struct {
		Body string `json:"body" required:"true" maxLength:"10000"`
	}
}

func (h *comments) create(ctx context.Context, in *createCommentInput) (*output[CommentView], error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err != nil {
		return nil, err
	}
	comment := Comment{ArticleID: article.ID, AuthorID: in.UserID(), Body: in.Body.Body}
	if err := h.db.With(ctx).Create(&comment).Error; err != nil {
		return nil, err
	}
	if err := h.db.With(ctx).Preload("Author").First(&comment, comment.ID).Error; err != nil {
		return nil, err
	}
	return &output[CommentView]{newCommentView(comment, false)}, nil
}

func (h *comments) list(ctx context.Context, in *showArticleInput) (*output[[]CommentView], error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err != nil {
		return nil, err
	}
	var found []Comment
	err = h.db.With(ctx).Preload("Author").Where("article_id = ?", article.ID).Order("id").Limit(500).Find(&found).Error
	if err != nil {
		return nil, err
	}
	var authors []int64
	for _, comment := range found {
		authors = append(authors, comment.AuthorID)
	}
	followed, err := followedBy(ctx, h.db, in.UserID(), authors...)
	if err != nil {
		return nil, err
	}
	var out output[[]CommentView]
	for _, comment := range found {
		out.Body = append(out.Body, newCommentView(comment, followed[comment.AuthorID]))
	}
	return &out, nil
}

type deleteCommentInput struct {
	articleInput
	ID int64 `path:"id" minimum:"1"`
}

func (h *comments) delete(ctx context.Context, in *deleteCommentInput) (*struct{}, error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err != nil {
		return nil, err
	}
	var comment Comment
	if err := h.db.With(ctx).First(&comment, "id = ? AND article_id = ?", in.ID, article.ID).Error; err != nil {
		return nil, err
	}
	if !in.Is(comment.AuthorID) {
		return nil, problem.Forbidden("")
	}
	return nil, h.db.With(ctx).Delete(&comment).Error
}
