package validate_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/validate"
)

// memory is a Lookup that remembers what it was asked, and knows some values.
type memory struct {
	known []any
	asked []validate.Query
	fail  error
}

func (m *memory) Exists(_ context.Context, q validate.Query) (bool, error) {
	m.asked = append(m.asked, q)
	for _, value := range m.known {
		if value == q.Value {
			return true, m.fail
		}
	}
	return false, m.fail
}

type account struct {
	ID       int64   `form:"-"`
	Email    string  `form:"email" format:"email" unique:"users.email"`
	Nick     *string `form:"nick" unique:"users.nick,fold,live"`
	Category int64   `form:"category" exists:"categories.id"`
	Tags     []int   `form:"tags" exists:"tags.id,deleted" maxItems:"2"`
	Owner    string  `form:"owner" unique:"shops.owner,except=ShopID"`
	ShopID   int
}

func ExampleWithLookup() {
	ctx := validate.WithLookup(context.Background(), &memory{known: []any{"ada@example.com"}})
	errs, err := validate.Struct(ctx, &account{Email: "ada@example.com"})
	fmt.Println(errs["email"], err)
	// Output: This is already taken. <nil>
}

func TestLookups(t *testing.T) {
	t.Parallel()
	nick := "ada"
	m := &memory{known: []any{"ada@example.com", "ada", int64(1), 7}}
	ctx := validate.WithLookup(t.Context(), m)
	errs, err := validate.Struct(ctx,
		&account{ID: 5, Email: "ada@example.com", Nick: &nick, Category: 2, Tags: []int{7, 8}, Owner: "x", ShopID: 9})
	if err != nil {
		t.Fatal(err)
	}
	want := validate.Errors{
		"email":    "This is already taken.",
		"nick":     "This is already taken.",
		"category": "There is no such entry.",
		"tags.1":   "There is no such entry.",
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	asked := []validate.Query{
		{Table: "users", Column: "email", Value: "ada@example.com", Except: int64(5)},
		{Table: "users", Column: "nick", Value: "ada", Except: int64(5), Fold: true, Live: true},
		{Table: "categories", Column: "id", Value: int64(2), Live: true},
		{Table: "tags", Column: "id", Value: 7},
		{Table: "tags", Column: "id", Value: 8},
		{Table: "shops", Column: "owner", Value: "x", Except: 9},
	}
	if diff := cmp.Diff(asked, m.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	// Nothing, and what is faulty anyway, is not looked up.
	m.asked = nil
	if errs, err := validate.Struct(ctx, &account{Email: "nobody", Category: 1}); err != nil ||
		len(errs) != 1 || len(m.asked) != 1 {
		t.Errorf("errors %v, %v, asked %v", errs, err, m.asked)
	}
	// 0 is a value, and nothing that could be referred to.
	if errs, err := validate.Struct(ctx, &account{}); err != nil || errs["category"] == "" {
		t.Errorf("errors %v, %v", errs, err)
	}
	unavailable := errors.New("away")
	m.fail = unavailable
	if _, err := validate.Struct(ctx, &account{Category: 1}); !errors.Is(err, unavailable) {
		t.Errorf("error = %v", err)
	}
}

// The body of an endpoint may be a form with a field for the key that programs do not send: the address has it.
func TestLookupFindsTheKeyAroundABody(t *testing.T) {
	t.Parallel()
	m := &memory{}
	around := struct{ ID int64 }{ID: 5}
	opts := validate.Options{Around: reflect.ValueOf(around)}
	if _, err := validate.Check(validate.WithLookup(t.Context(), m),
		&account{Email: "ada@example.com", Category: 1}, opts); err != nil {
		t.Fatal(err)
	}
	if m.asked[0].Except != int64(5) {
		t.Errorf("asked %v", m.asked)
	}
}

// Threat: SQL in the name of a table.
func TestInvalidLookupTags(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"write it as table.column": &struct {
			A string `unique:"users"`
		}{"a"},
		"as table.column": &struct {
			A string `exists:"users.id; DROP TABLE users"`
		}{"a"},
		`option "loud" is unknown`: &struct {
			A string `unique:"users.name,loud"`
		}{"a"},
		`option "except=ID" is unknown`: &struct {
			A string `exists:"users.name,except=ID"`
		}{"a"},
		"needs maxItems": &struct {
			A []int `exists:"users.id"`
		}{},
		"says nothing about a bool": &struct {
			A bool `unique:"users.id"`
		}{},
		"there is no field Nowhere": &struct {
			A string `unique:"users.id,except=Nowhere"`
		}{"a"},
		"see validate.WithLookup": &struct {
			A string `unique:"users.id"`
		}{"a"},
	} {
		ctx := t.Context()
		if strings.Contains(want, "Nowhere") {
			ctx = validate.WithLookup(ctx, &memory{})
		}
		if _, err := validate.Struct(ctx, value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	type user struct {
		Email string `json:"email" unique:"users.email"`
		Nick  string `json:"nick" unique:"users.nick"`
	}
	type one struct {
		Inner struct {
			Slug string `json:"slug" unique:"posts.slug"`
		} `json:"inner"`
	}
	for _, tt := range []struct {
		value any
		err   string
		want  validate.Errors
	}{
		{user{}, "UNIQUE constraint failed: users.email", validate.Errors{"email": "This is already taken."}},
		{
			&user{}, `duplicate key value violates unique constraint "idx_users_nick" (SQLSTATE 23505)`,
			validate.Errors{"nick": "This is already taken."},
		},
		{
			&user{}, `Error 1062 (23000): Duplicate entry 'email for key nick' for key 'users.idx_users_email'`,
			validate.Errors{"email": "This is already taken."},
		},
		{&user{}, "something else", validate.Errors{}},
		{&user{}, "UNIQUE constraint failed: users.email, users.nick", validate.Errors{}},
		{&one{}, "duplicated key not allowed", validate.Errors{"inner.slug": "This is already taken."}},
		{
			&one{}, "constraint failed: UNIQUE constraint failed: posts.slug (2067)",
			validate.Errors{"inner.slug": "This is already taken."},
		},
		{
			&one{}, `ERROR: duplicate key value violates unique constraint "other" (SQLSTATE 23505)`,
			validate.Errors{"inner.slug": "This is already taken."},
		},
		{
			&one{}, `FEHLER: doppelter Schlüsselwert verletzt Unique-Constraint »other« (SQLSTATE 23505)`,
			validate.Errors{"inner.slug": "This is already taken."},
		},
		{
			&one{}, `Error 1062 (23000): Doublon dans un champ 'slug' pour la clef 'other'`,
			validate.Errors{"inner.slug": "This is already taken."},
		},
		// Errors of another kind, also when they mention the column, and when only one could be meant.
		{&one{}, "database or disk is full (13)", validate.Errors{}},
		{&one{}, `ERROR: could not extend file "posts_slug": No space left on device (SQLSTATE 53100)`, validate.Errors{}},
		{&one{}, "context canceled", validate.Errors{}},
		{&one{}, "context deadline exceeded", validate.Errors{}},
		{&one{}, `ERROR: invalid input syntax for type uuid: "slug" (SQLSTATE 22P02)`, validate.Errors{}},
		{&one{}, "constraint failed: NOT NULL constraint failed: posts.slug (1299)", validate.Errors{}},
		{&one{}, "Error 10620: slug", validate.Errors{}},
		{&user{}, "constraint failed: CHECK constraint failed: users.email (275)", validate.Errors{}},
		{&struct{}{}, "UNIQUE constraint failed: users.email", validate.Errors{}},
		{7, "UNIQUE constraint failed: users.email", validate.Errors{}},
	} {
		if diff := cmp.Diff(tt.want, validate.Duplicate(t.Context(), tt.value, errors.New(tt.err))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.err, diff)
		}
	}
	if errs := validate.Duplicate(t.Context(), user{}, nil); len(errs) > 0 {
		t.Errorf("no error is %v", errs)
	}
}

type line struct {
	Price int `json:"price"`
}

func (l *line) Validate(_ context.Context, errs validate.Errors) error {
	if l.Price < 0 {
		errs.Add("price", "Negative.")
	}
	return nil
}

type invoice struct {
	line                   // its Validate is the invoice's
	Lines  []line          `json:"lines"`
	Best   *line           `json:"best"`
	ByName map[string]line `json:"by_name"`
}

func TestNestedValidators(t *testing.T) {
	t.Parallel()
	errs, err := validate.Struct(t.Context(),
		&invoice{line: line{-1}, Lines: []line{{1}, {-1}}, Best: &line{-1}, ByName: map[string]line{"a": {-1}}})
	if err != nil {
		t.Fatal(err)
	}
	want := validate.Errors{
		"price":           "Negative.",
		"lines.1.price":   "Negative.",
		"best.price":      "Negative.",
		"by_name.a.price": "Negative.",
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	list := []line{{-1}}
	if errs, err := validate.Check(t.Context(), &list, validate.Options{}); err != nil || errs["0.price"] == "" {
		t.Errorf("errors = %v, %v", errs, err)
	}
}

// A duplicate of several columns is reported at the field whose tag names them, and is not taken for one of a single column.
func TestDuplicateTogether(t *testing.T) {
	t.Parallel()
	type favorite struct {
		Slug   string `json:"slug" unique:"favorites.slug"`
		PostID int64  `json:"post_id" unique:"favorites.post_id,together=user_id+post_id"`
	}
	for text, want := range map[string]string{
		"UNIQUE constraint failed: favorites.user_id, favorites.post_id":                                  "post_id",
		`duplicate key value violates unique constraint "idx_favorites_user_id_post_id" (SQLSTATE 23505)`: "post_id",
		"Error 1062 (23000): Duplicate entry '1-2' for key 'idx_favorites_user_id_post_id'":               "post_id",
		"UNIQUE constraint failed: favorites.slug":                                                        "slug",
		`duplicate key value violates unique constraint "idx_favorites_slug" (SQLSTATE 23505)`:            "slug",
		"Error 1062 (23000): Duplicate entry 'user_id_post_id' for key 'idx_favorites_slug'":              "slug",
	} {
		if errs := validate.Duplicate(t.Context(), &favorite{}, errors.New(text)); len(errs) != 1 || errs[want] == "" {
			t.Errorf("%s: %v, want an error of %s", text, errs, want)
		}
	}
	// Only the database knows whether the values are free together.
	errs, err := validate.Struct(validate.WithLookup(t.Context(), nobody{}), &favorite{PostID: 7})
	if err != nil || len(errs) > 0 {
		t.Errorf("checking the struct: %v, %v", errs, err)
	}
}

// nobody is a lookup that must not be asked.
type nobody struct{}

func (nobody) Exists(_ context.Context, q validate.Query) (bool, error) {
	return false, fmt.Errorf("asked about %s.%s", q.Table, q.Column)
}
