package realworld

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
)

type articles struct{ db *database.DB }

type slug struct {
	Slug string `path:"slug" maxLength:"250"`
}

type articleInput struct {
	api.Actor
	slug
}

type showArticleInput struct {
	api.OptionalActor
	slug
}

// NewArticle is an article to be published.
type NewArticle struct {
	Title       string   `json:"title" required:"true" maxLength:"200"`
	Description string   `json:"description" required:"true" maxLength:"1000"`
	Body        string   `json:"body" required:"true" maxLength:"100000"`
	TagList     []string `json:"tagList" maxItems:"20" minLength:"1" maxLength:"50" uniqueItems:"true"`
}

type createArticleInput struct {
	api.Actor
	Body NewArticle
}

func (h *articles) create(ctx context.Context, in *createArticleInput) (*output[ArticleView], error) {
	article := Article{
		Slug: newSlug(in.Body.Title), Title: in.Body.Title, Description: in.Body.Description, Body: in.Body.Body,
		AuthorID: in.UserID(),
	}
	for _, tag := range in.Body.TagList {
		article.Tags = append(article.Tags, ArticleTag{Name: tag})
	}
	if err := h.db.With(ctx).Create(&article).Error; err != nil {
		return nil, err
	}
	return h.one(ctx, article.Slug, in.UserID())
}

// newSlug makes a name for addresses from a title, which nothing else has.
func newSlug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(append(words, strings.ToLower(rand.Text()[:8])), "-")
}

func (h *articles) show(ctx context.Context, in *showArticleInput) (*output[ArticleView], error) {
	return h.one(ctx, in.Slug, in.UserID())
}

type updateArticleInput struct {
	articleInput
	Body struct {
		Title       *string `json:"title" minLength:"1" maxLength:"200"`
		Description *string `json:"description" minLength:"1" maxLength:"1000"`
		Body        *string `json:"body" minLength:"1" maxLength:"100000"`
	}
}

func (h *articles) update(ctx context.Context, in *updateArticleInput) (*output[ArticleView], error) {
	article, err := h.own(ctx, &in.articleInput)
	if err != nil {
		return nil, err
	}
	if title := in.Body.Title; title != nil && *title != article.Title {
		article.Title, article.Slug = *title, newSlug(*title)
	}
	for field, value := range map[*string]*string{
		&article.Description: in.Body.Description, &article.Body: in.Body.Body,
	} {
		if value != nil {
			*field = *value
		}
	}
	if err := h.db.With(ctx).Select("Title", "Slug", "Description", "Body").Updates(article).Error; err != nil {
		return nil, err
	}
	return h.one(ctx, article.Slug, in.UserID())
}

func (h *articles) delete(ctx context.Context, in *articleInput) (*struct{}, error) {
	article, err := h.own(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, h.db.With(ctx).Delete(article).Error
}

// own returns an article that the actor has written, and a problem (403) for another one.
func (h *articles) own(ctx context.Context, in *articleInput) (*Article, error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err == nil && !in.Is(article.AuthorID) {
		err = problem.Forbidden("")
	}
	return article, err
}

func findArticle(ctx context.Context, db *database.DB, slug string) (*Article, error) {
	var article Article
	return &article, db.With(ctx).Preload("Author").Preload("Tags").First(&article, "slug = ?", slug).Error
}

func (h *articles) favorite(ctx context.Context, in *articleInput) (*output[ArticleView], error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err != nil {
		return nil, err
	}
	row := Favorite{UserID: in.UserID(), ArticleID: article.ID}
	if err := h.db.With(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return nil, err
	}
	return h.one(ctx, in.Slug, in.UserID())
}

func (h *articles) unfavorite(ctx context.Context, in *articleInput) (*output[ArticleView], error) {
	article, err := findArticle(ctx, h.db, in.Slug)
	if err != nil {
		return nil, err
	}
	if err := h.db.With(ctx).Delete(&Favorite{UserID: in.UserID(), ArticleID: article.ID}).Error; err != nil {
		return nil, err
	}
	return h.one(ctx, in.Slug, in.UserID())
}

func (h *articles) tags(ctx context.Context, _ *struct{}) (*output[[]string], error) {
	var out output[[]string]
	err := h.db.With(ctx).Model(&ArticleTag{}).Distinct("name").Order("name").Limit(100).Pluck("name", &out.Body).Error
	return &out, err
}

// one returns an article as a user sees it.
func (h *articles) one(ctx context.Context, slug string, viewer int64) (*output[ArticleView], error) {
	article, err := findArticle(ctx, h.db, slug)
	if err != nil {
		return nil, err
	}
	views, err := h.views(ctx, []Article{*article}, viewer)
	if err != nil {
		return nil, err
	}
	return &output[ArticleView]{ArticleView{views[0], article.Body}}, nil
}

// tagNames returns the names of tags in their order.
func tagNames(tags []ArticleTag) []string {
	var names []string
	for _, tag := range tags {
		names = append(names, tag.Name)
	}
	slices.Sort(names)
	return names
}
