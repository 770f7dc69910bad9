package generate_test

import (
	"strings"
	"testing"
)

// An index over several columns is in each migration and in the model; the input reports its errors.
func TestUniqueTogether(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	before := everything(t, dir)
	run(t, dir, "model article title:string!",
		"resource favorite user:belongs_to:user article:belongs_to:article:unique(user) rank:int:index(user,created_at)")
	for file, want := range map[string]string{
		"migrations/sqlite/20261124120001_create_favorites.sql": "CREATE UNIQUE INDEX idx_favorites_user_id_article_id ON favorites (user_id, article_id);",
		"migrations/postgres/20261124120001_create_favorites.sql": "CREATE INDEX idx_favorites_user_id_created_at_rank ON favorites " +
			"(user_id, created_at, \"rank\");",
		"models/favorite.go":         "uniqueIndex:idx_favorites_user_id_article_id,priority:2",
		"models/favorite_test.go":    "AreUniqueTogether",
		"app/favorites/input.go":     `unique:"favorites.article_id,together=user_id+article_id"`,
		"app/favorites/endpoints.go": "type Output struct",
	} {
		if text := read(t, dir, file); !strings.Contains(text, want) {
			t.Errorf("%s lacks %s:\n%s", file, want, text)
		}
	}
	if change, err := plan(dir, "resource favorite"); err != nil || !change.Empty() {
		t.Errorf("generating again: %v, %s", err, differences(change))
	}
	write(t, destroyed(t, dir, "resource", "favorite"))
	write(t, destroyed(t, dir, "model", "article"))
	unchanged(t, dir, before)
}

// A file has one name: in the form, in the model and in the API.
func TestUploadsHaveOneName(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	run(t, dir, "resource photo image:file manual_page:file")
	text := read(t, dir, "app/photos/endpoints.go")
	for _, want := range []string{`json:"image" required:"true"`, `json:"manual_page" required:"true"`, "in *UploadManualPageParams"} {
		if !strings.Contains(text, want) {
			t.Errorf("app/photos/endpoints.go lacks %s", want)
		}
	}
}
