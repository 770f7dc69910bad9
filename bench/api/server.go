package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

// Post is what both kinds of endpoints answer.
type Post struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	Tags      []string  `json:"tags"`
	Author    Author    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
}

// Author wrote a post.
type Author struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// New is what both kinds take: each reads its own tags, which say the same.
type New struct {
	Title  string   `json:"title" required:"true" maxLength:"100" validate:"required,max=100"`
	Body   string   `json:"body" required:"true" minLength:"10" maxLength:"5000" validate:"required,min=10,max=5000"`
	Email  string   `json:"email" required:"true" format:"email" validate:"required,email"`
	State  string   `json:"state" required:"true" enum:"draft,public" validate:"required,oneof=draft public"`
	Rating int      `json:"rating" required:"true" minimum:"1" maximum:"5" validate:"required,min=1,max=5"`
	Tags   []string `json:"tags" maxItems:"5" maxLength:"20" validate:"max=5,dive,max=20"`
	Author struct {
		Name string `json:"name" required:"true" maxLength:"50" validate:"required,max=50"`
		Age  int    `json:"age" required:"true" minimum:"1" maximum:"150" validate:"required,min=1,max=150"`
	} `json:"author"`
}

func post(id int64) Post {
	return Post{
		ID: id, Title: "Typed endpoints", Body: "From an input struct to an output struct, checked on the way in.", Tags: []string{"go", "api"},
		Author: Author{"Ada Lovelace", "ada@example.com"}, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

type showInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type createInput struct{ Body New }

type output struct{ Body Post }

// newApp returns an application with each endpoint twice: typed below /api, and as
// a handler of echo below /plain, behind the same middleware.
func newApp() (*covet.App, error) {
	cfg := covet.Config{App: covet.Application{Name: "bench", Env: "test", DataDir: os.TempDir()}, Database: database.Config{URL: "sqlite::memory:"}}
	cfg.Log.Level = "error"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		return nil, err
	}
	if err := a.Use(api.New(api.Config{}, api.Options{})); err != nil {
		return nil, err
	}
	api.Get(a, "/posts/{id}", func(_ context.Context, in *showInput) (*output, error) { return &output{post(in.ID)}, nil })
	api.Post(a, "/posts", func(_ context.Context, in *createInput) (*output, error) {
		p := post(1)
		p.Title = in.Body.Title
		return &output{p}, nil
	})
	check := validator.New(validator.WithRequiredStructEnabled())
	a.Echo.GET("/plain/posts/:id", func(c echo.Context) error {
		var in struct {
			ID int64 `param:"id" validate:"min=1"`
		}
		if err := c.Bind(&in); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, post(in.ID))
	})
	a.Echo.GET("/bare/posts/:id", func(c echo.Context) error { return c.JSON(http.StatusOK, post(7)) })
	a.Echo.POST("/plain/posts", func(c echo.Context) error {
		var in New
		if err := c.Bind(&in); err != nil {
			return err
		}
		if err := check.Struct(&in); err != nil {
			return fmt.Errorf("validating: %w", err)
		}
		p := post(1)
		p.Title = in.Title
		return c.JSON(http.StatusOK, p)
	})
	return a, nil
}
