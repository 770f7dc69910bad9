package realworld_test

import (
	"net/http"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/docs/examples/realworld"
)

func newApp(cfg realworld.Config) (*covet.App, error) {
	return realworld.New(cfg, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
}

type object = map[string]any

// signUp registers a user, and returns a client that acts for them.
func signUp(t *testing.T, a *apptest.App, name string) *apptest.Client {
	t.Helper()
	var got struct{ User realworld.CurrentUser }
	a.Client().JSON(http.MethodPost, "/api/users", object{"user": object{
		"username": name, "email": name + "@example.com", "password": "correct horse battery",
	}}).MustStatus(http.StatusCreated).JSON(&got)
	if got.User.Username != name || got.User.Token == "" {
		t.Fatalf("the new user is %+v", got.User)
	}
	return a.Client().Authorization("Token " + got.User.Token)
}

// body returns the errors of a page, and fails unless it has the status.
func errorsOf(t *testing.T, page *apptest.Page, status int) string {
	t.Helper()
	var got realworld.Errors
	page.MustStatus(status).JSON(&got)
	return strings.Join(got.Errors.Body, "; ")
}

// Every response is also compared with the OpenAPI document, by apptest.
func TestConduit(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	guest := a.Client()
	ada, bob := signUp(t, a, "ada"), signUp(t, a, "bob")

	var created struct{ Article realworld.ArticleView }
	ada.JSON("POST", "/api/articles", object{"article": object{
		"title": "How to train your dragon", "description": "Ever wonder how?", "body": "Very carefully.",
		"tagList": []string{"training", "dragons"},
	}}).MustStatus(http.StatusCreated).JSON(&created)
	article := "/api/articles/" + created.Article.Slug
	if got := created.Article; strings.Join(got.TagList, " ") != "dragons training" || got.Author.Username != "ada" ||
		got.Body != "Very carefully." {
		t.Errorf("the article is %+v", got)
	}
	if got := guest.JSON("GET", "/api/tags", nil).Body(); got != `{"tags":["dragons","training"]}`+"\n" {
		t.Errorf("tags = %s", got)
	}

	t.Run("profiles", func(t *testing.T) {
		var got struct{ Profile realworld.Profile }
		for range 2 { // following twice is following
			bob.JSON("POST", "/api/profiles/ada/follow", nil).MustStatus(http.StatusOK).JSON(&got)
		}
		bob.JSON("GET", "/api/profiles/ada", nil).MustStatus(http.StatusOK).JSON(&got)
		if !got.Profile.Following {
			t.Error("bob does not follow ada")
		}
		var feed realworld.Articles
		bob.JSON("GET", "/api/articles/feed", nil).MustStatus(http.StatusOK).JSON(&feed)
		if feed.ArticlesCount != 1 || !feed.Articles[0].Author.Following {
			t.Errorf("the feed is %+v", feed)
		}
		bob.JSON("DELETE", "/api/profiles/ada/follow", nil).MustStatus(http.StatusOK).JSON(&got)
		if got.Profile.Following {
			t.Error("bob still follows ada")
		}
		errorsOf(t, bob.JSON("GET", "/api/profiles/nobody", nil), http.StatusNotFound)
	})

	t.Run("favourites", func(t *testing.T) {
		var got struct{ Article realworld.ArticleView }
		for range 2 {
			bob.JSON("POST", article+"/favorite", nil).MustStatus(http.StatusOK).JSON(&got)
		}
		if !got.Article.Favorited || got.Article.FavoritesCount != 1 {
			t.Errorf("the favourite is %+v", got.Article)
		}
		for query, want := range map[string]int64{
			"?favorited=bob": 1, "?favorited=ada": 0, "?author=ada": 1, "?tag=dragons": 1, "?tag=none": 0, "?offset=1": 1,
		} {
			var list realworld.Articles
			guest.JSON("GET", "/api/articles"+query, nil).MustStatus(http.StatusOK).JSON(&list)
			if list.ArticlesCount != want {
				t.Errorf("%s finds %d, want %d", query, list.ArticlesCount, want)
			}
		}
		bob.JSON("DELETE", article+"/favorite", nil).MustStatus(http.StatusOK).JSON(&got)
		if got.Article.Favorited || got.Article.FavoritesCount != 0 {
			t.Errorf("the favourite stays: %+v", got.Article)
		}
	})

	t.Run("comments", func(t *testing.T) {
		var got struct{ Comment realworld.CommentView }
		comment := object{"comment": object{"body": "Thank you."}}
		bob.JSON("POST", article+"/comments", comment).MustStatus(http.StatusOK).JSON(&got)
		var list struct{ Comments []realworld.CommentView }
		guest.JSON("GET", article+"/comments", nil).MustStatus(http.StatusOK).JSON(&list)
		if len(list.Comments) != 1 || list.Comments[0].Author.Username != "bob" {
			t.Fatalf("the comments are %+v", list)
		}
		errorsOf(t, ada.JSON("DELETE", article+"/comments/1", nil), http.StatusForbidden)
		bob.JSON("DELETE", article+"/comments/1", nil).MustStatus(http.StatusNoContent)
		if got := guest.JSON("GET", article+"/comments", nil).Body(); got != `{"comments":[]}`+"\n" {
			t.Errorf("comments = %s", got)
		}
	})

	t.Run("errors", func(t *testing.T) {
		got := errorsOf(t, ada.JSON("POST", "/api/articles", object{"article": object{"title": ""}}), 422)
		if got != "body Please fill this in.; description Please fill this in.; title Please fill this in." {
			t.Errorf("errors = %q", got)
		}
		errorsOf(t, guest.JSON("POST", "/api/articles", object{"article": object{}}), 401)
		errorsOf(t, bob.JSON("PUT", article, object{"article": object{"body": "Mine."}}), 403)
		errorsOf(t, bob.JSON("DELETE", article, nil), 403)
		errorsOf(t, guest.JSON("PATCH", article, nil), 405)
		errorsOf(t, guest.JSON("GET", "/api/nowhere", nil), 404)
		errorsOf(t, guest.JSON("GET", "/api/articles?limit=many", nil), 422)
		taken := object{"user": object{"username": "ada", "email": "x@example.com", "password": "correct horse battery"}}
		if got := errorsOf(t, guest.JSON("POST", "/api/users", taken), 422); !strings.HasPrefix(got, "username ") {
			t.Errorf("errors = %q", got)
		}
	})

	ada.JSON("PUT", article, object{"article": object{"body": "With two hands."}}).MustStatus(http.StatusOK).JSON(&created)
	if created.Article.Body != "With two hands." || created.Article.Title != "How to train your dragon" {
		t.Errorf("the changed article is %+v", created.Article)
	}
	ada.JSON("DELETE", article, nil).MustStatus(http.StatusNoContent)
	errorsOf(t, ada.JSON("GET", article, nil), http.StatusNotFound)
}

// Threat: a token of one scheme, which the document does not name, is taken; a revoked token acts as a guest.
func TestTokens(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	ada := signUp(t, a, "ada")
	var got struct{ User realworld.CurrentUser }
	ada.JSON("GET", "/api/user", nil).MustStatus(http.StatusOK).JSON(&got)
	if got.User.Email != "ada@example.com" || got.User.Token == "" {
		t.Errorf("the user is %+v", got.User)
	}
	token := got.User.Token
	for _, header := range []string{"Bearer " + token, "Token wrong", "Token", token, "Basic " + token} {
		page := a.Client().Authorization(header).JSON("GET", "/api/user", nil)
		errorsOf(t, page, http.StatusUnauthorized)
		if got := page.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, "Token") {
			t.Errorf("%q is refused with WWW-Authenticate: %q", header, got)
		}
	}
	a.Client().Authorization("token "+token).JSON("GET", "/api/user", nil).MustStatus(http.StatusOK) // case does not matter
	ada.JSON("PUT", "/api/user", object{"user": object{"bio": "Engineer", "username": "countess"}}).MustStatus(200).JSON(&got)
	if got.User.Bio != "Engineer" || got.User.Username != "countess" || got.User.Email != "ada@example.com" {
		t.Errorf("the changed user is %+v", got.User)
	}
	login := object{"user": object{"email": "ADA@example.com", "password": "correct horse battery"}}
	a.Client().JSON("POST", "/api/users/login", login).MustStatus(http.StatusOK).JSON(&got)
	a.Client().Authorization("Token "+got.User.Token).JSON("GET", "/api/user", nil).MustStatus(http.StatusOK)
	wrong := object{"user": object{"email": "ada@example.com", "password": "wrong"}}
	errorsOf(t, a.Client().JSON("POST", "/api/users/login", wrong), http.StatusUnauthorized)
}
