package ddl_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/ddl"
)

// Models as they are generated for the tables of these tests.
type (
	Category struct {
		ID                   int64
		Name                 string
		CreatedAt, UpdatedAt time.Time
	}
	Tag struct {
		ID                   int64
		Name                 string
		CreatedAt, UpdatedAt time.Time
	}
	Post struct {
		ID          int64
		Title, Body string
		Slug        string
		Summary     *string
		Rating      int
		Rank        int
		Views       int64
		Weight      *float64
		Price       string
		Pinned      bool
		HeldOn      time.Time
		PublishedAt *time.Time
		StartsAt    time.Time
		Token       uuid.UUID
		Meta        json.RawMessage `gorm:"serializer:json"`
		Options     json.RawMessage `gorm:"serializer:json"`
		Status      string
		Mood        *string
		Cover       string
		HTTPS       bool `gorm:"column:https"`
		Note        string
		AuthorID    int64
		Author      covetmodels.User
		EditorID    *int64
		Editor      *covetmodels.User
		CategoryID  int64
		Category    Category
		ParentID    *int64
		Parent      *Post
		OrderID     *int64
		Order       *Category
		Tags        []Tag  `gorm:"many2many:post_tags"`
		Related     []Post `gorm:"many2many:post_related"`
		CreatedAt   time.Time
		UpdatedAt   time.Time
	}
	Comment struct {
		ID                   int64
		PostID               int64
		CreatedAt, UpdatedAt time.Time
	}
)

func blog(t *testing.T, d ddl.Dialect) []string {
	t.Helper()
	comments := newTable(t, "comment post:belongs_to:post")
	comments.Owned = []string{"posts"}
	return []string{
		ddl.CreateTable(newTable(t, "category name:string"), d), ddl.CreateTable(newTable(t, "tag name:string"), d),
		ddl.CreateTable(newTable(t, everything), d), ddl.CreateTable(comments, d),
	}
}

func newUser(t *testing.T, db *database.DB, email string) covetmodels.User {
	t.Helper()
	user := covetmodels.User{Email: email}
	must(t, db.With(t.Context()).Create(&user).Error)
	return user
}

// newPost stores a post with all that it needs.
func newPost(t *testing.T, db *database.DB) Post {
	t.Helper()
	editor := newUser(t, db, "editor-"+uuid.NewString()+"@example.com")
	p := valid(newUser(t, db, uuid.NewString()+"@example.com").ID)
	p.Category, p.EditorID, p.Tags = Category{Name: "News"}, &editor.ID, []Tag{{Name: "one"}, {Name: "two"}}
	must(t, db.With(t.Context()).Create(&p).Error)
	return p
}

func valid(author int64) Post {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789000, time.UTC)
	weight, mood := 1.5, "up"
	return Post{
		Title: "Hello", Slug: uuid.NewString(), Rating: 3, Rank: -1, Views: 1 << 40, Weight: &weight,
		Price: "12.34", Pinned: true,
		HeldOn: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), PublishedAt: &at, StartsAt: at, Token: uuid.New(),
		Meta: json.RawMessage(`{"a": 1}`), Options: json.RawMessage(`{}`), Status: "live", Mood: &mood, AuthorID: author,
	}
}

func TestUpDownUp(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		files := blog(t, d)
		runner := app(db, d, files...)
		up(t, runner)
		down(t, runner, len(files))
		for _, table := range []string{"posts", "post_tags", "post_related", "comments", "tags", "categories"} {
			if db.With(t.Context()).Migrator().HasTable(table) {
				t.Errorf("%s is still there", table)
			}
		}
		up(t, runner)
		newPost(t, db)
	})
}

// What a model writes is what it reads.
func TestRowsOfAllTypes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		up(t, app(db, d, blog(t, d)...))
		written := newPost(t, db)
		other := valid(written.AuthorID)
		other.CategoryID, other.ParentID, other.Related = written.CategoryID, &written.ID, []Post{written}
		must(t, db.With(t.Context()).Omit("Related.*").Create(&other).Error)

		var read Post
		must(t, db.With(t.Context()).Preload("Tags").Preload("Category").First(&read, written.ID).Error)
		if read.Price != "12.34" || *read.Weight != 1.5 || !read.Pinned || read.Views != 1<<40 ||
			read.Token != written.Token ||
			*read.Mood != "up" || read.Summary != nil || len(read.Tags) != 2 || read.Category.Name != "News" {
			t.Errorf("read %+v", read)
		}
		if !read.HeldOn.Equal(written.HeldOn) || !read.StartsAt.Equal(written.StartsAt) ||
			!read.PublishedAt.Equal(*written.PublishedAt) {
			t.Errorf("the times are %v, %v, %v", read.HeldOn, read.StartsAt, read.PublishedAt)
		}
		var meta map[string]int
		must(t, json.Unmarshal(read.Meta, &meta))
		if meta["a"] != 1 {
			t.Errorf("the JSON is %s", read.Meta)
		}
		must(t, db.With(t.Context()).Preload("Related").First(&other, other.ID).Error)
		if len(other.Related) != 1 || other.Related[0].ID != written.ID {
			t.Errorf("it is related to %v", other.Related)
		}
	})
}

func TestConstraintsBite(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		up(t, app(db, d, blog(t, d)...))
		stored := newPost(t, db)
		missing := stored.ID + 1000
		for what, change := range map[string]func(*Post){
			"a slug that is taken":  func(p *Post) { p.Slug = stored.Slug },
			"a token that is taken": func(p *Post) { p.Token = stored.Token },
			"no such status":        func(p *Post) { p.Status = "gone" },
			"no such mood":          func(p *Post) { mood := "sideways"; p.Mood = &mood },
			"no such author":        func(p *Post) { p.AuthorID = missing },
			"no such parent":        func(p *Post) { p.ParentID = &missing },
			"no such category":      func(p *Post) { p.CategoryID = missing },
		} {
			p := valid(stored.AuthorID)
			p.CategoryID = stored.CategoryID
			change(&p)
			if err := db.With(t.Context()).Create(&p).Error; err == nil {
				t.Errorf("%s: stored", what)
			}
		}
		set := func(column string) error {
			return db.With(t.Context()).Model(&Post{}).Where("id = ?", stored.ID).UpdateColumn(column, nil).Error
		}
		for _, column := range []string{
			"title", "rating", "price", "held_on", "token", "meta", "status", "author_id",
			"created_at", "updated_at",
		} {
			if err := set(column); err == nil {
				t.Errorf("%s became NULL", column)
			}
		}
		for _, column := range []string{"summary", "weight", "published_at", "mood", "editor_id", "parent_id"} {
			if err := set(column); err != nil {
				t.Errorf("%s did not become NULL: %v", column, err)
			}
		}
		const insert = "INSERT INTO posts (title, body, slug, rating, views, price, held_on, token, meta, cover, https, " +
			"author_id, category_id, created_at, updated_at) SELECT title, body, 'other', rating, views, price, held_on, ?, " +
			"meta, cover, https, author_id, category_id, created_at, updated_at FROM posts WHERE id = ?"
		must(t, db.With(t.Context()).Exec(insert, uuid.New(), stored.ID).Error)
		var filled Post
		must(t, db.With(t.Context()).First(&filled, "slug = ?", "other").Error)
		if filled.Rank != -3 || !filled.Pinned || filled.Status != "draft" || filled.Note != "it's" ||
			string(filled.Options) == "" || !filled.StartsAt.Equal(time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC)) {
			t.Errorf("the defaults are %+v", filled)
		}
	})
}

// Accounts can be deleted whatever was generated for them; categories cannot while something belongs to them.
func TestDeletion(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		up(t, app(db, d, blog(t, d)...))
		p, kept := newPost(t, db), newPost(t, db)
		must(t, db.With(t.Context()).Create(&Comment{PostID: p.ID}).Error)
		must(t, db.With(t.Context()).Model(&kept).Update("parent_id", p.ID).Error)
		if err := db.With(t.Context()).Delete(&Category{}, p.CategoryID).Error; err == nil {
			t.Error("a category with posts was deleted")
		}
		must(t, db.With(t.Context()).Delete(&covetmodels.User{}, kept.EditorID).Error)
		must(t, db.With(t.Context()).Delete(&covetmodels.User{}, p.AuthorID).Error)
		count := func(table string) int64 {
			var n int64
			must(t, db.With(t.Context()).Table(table).Count(&n).Error)
			return n
		}
		if posts, comments, joined := count("posts"), count("comments"), count("post_tags"); posts != 1 ||
			comments != 0 || joined != 2 {
			t.Errorf("left are %d posts, %d comments, %d tags of posts", posts, comments, joined)
		}
		must(t, db.With(t.Context()).Delete(&Tag{}, kept.Tags[0].ID).Error)
		var read Post
		must(t, db.With(t.Context()).Preload("Tags").First(&read, kept.ID).Error)
		if read.EditorID != nil || read.ParentID != nil || len(read.Tags) != 1 {
			t.Errorf("the editor is %v, the parent %v, the tags %v", read.EditorID, read.ParentID, read.Tags)
		}
		must(t, db.With(t.Context()).Delete(&Category{}, p.CategoryID).Error)
	})
}

// Columns are added to, and removed from, tables with rows, and the way back works, too.
func TestColumnsOfTablesWithRows(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		files := blog(t, d)
		up(t, app(db, d, files...))
		p := newPost(t, db)
		newPost(t, db)

		added := newTable(t, golden["add_to_posts"].table)
		must(t, added.CheckAdd(d))
		files = append(files, ddl.AddColumns(added, d))
		runner := app(db, d, files...)
		up(t, runner)
		down(t, runner, 1)
		up(t, runner)
		var row struct {
			Subtitle, Score, State string
			Draft                  bool
			DueOn, ReviewerID      *string
		}
		must(t, db.With(t.Context()).Table("posts").Select("subtitle, score, state, draft, due_on, reviewer_id").
			Where("id = ?", p.ID).Take(&row).Error)
		if row.Subtitle != "" || row.State != "a" || row.Draft || row.DueOn != nil || row.ReviewerID != nil {
			t.Errorf("the row is %+v", row)
		}

		removed := newTable(t, `post https:bool rank:int:default=-3 mood:enum(up,down)? held_on:date
			token:uuid:unique author:belongs_to:user order:belongs_to:category?:unique tags:many:tag`)
		files = append(files, ddl.RemoveColumns(removed, d))
		runner = app(db, d, files...)
		up(t, runner)
		if db.With(t.Context()).Migrator().HasColumn(&Post{}, "author_id") ||
			db.With(t.Context()).Migrator().HasTable("post_tags") {
			t.Error("the column or the join table is still there")
		}
		down(t, runner, 1)
		var read Post
		must(t, db.With(t.Context()).Select("id", "rank", "title").First(&read, p.ID).Error)
		if read.Rank != -3 || read.Title != "Hello" {
			t.Errorf("read %+v", read)
		}
		up(t, runner)
	})
}
