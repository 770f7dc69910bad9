package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
)

// order is on a table, and has a column, whose names are words of SQL.
type order struct {
	ID        int64          `json:"id" readOnly:"true"`
	Group     string         `json:"group" gorm:"size:100;uniqueIndex:idx_order_group" required:"true" maxLength:"100" unique:"order.group"`
	Parents   []int64        `json:"parents,omitempty" gorm:"-" exists:"order.id" maxItems:"3"`
	DeletedAt gorm.DeletedAt `json:"-"`
}

func (order) TableName() string { return "order" }

func lookupApp(t *testing.T, url string) *apptest.App {
	t.Helper()
	type create struct {
		Twice bool `query:"twice"`
		Body  order
	}
	type update struct {
		ID   int64 `path:"id"`
		Body struct {
			Group string `json:"group" unique:"order.group,except=ID"`
		}
	}
	type folded struct {
		Body struct {
			Group string `json:"group" unique:"order.group,fold,live"`
		}
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/orders", func(ctx context.Context, in *create) (*struct{}, error) {
			err := a.DB.With(ctx).Create(&in.Body).Error
			if err == nil && in.Twice { // as another request might have, between the check and the insert
				err = a.DB.With(ctx).Create(&order{Group: in.Body.Group}).Error
			}
			return nil, err
		})
		api.Put(a, "/orders/{id}", func(context.Context, *update) (*struct{}, error) { return nil, nil })
		api.Post(a, "/folded", func(context.Context, *folded) (*struct{}, error) { return nil, nil })
	}), apptest.Set("database.url", url))
	if err := a.DB.With(t.Context()).AutoMigrate(&order{}); err != nil {
		t.Fatal(err)
	}
	return a
}

// Threats: SQL in a value; a record that is kept from being saved by itself.
func TestUniqueAndExists(t *testing.T) {
	t.Parallel()
	for dialect, url := range databases {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			a := lookupApp(t, url(t))
			send := func(method, path, body string) *apptest.Page {
				return call(t, a, method, path, "application/json", body)
			}
			send("POST", "/api/orders", `{"group":"a"}`).MustStatus(204)
			send("POST", "/api/orders", `{"group":"b' OR '1'='1","parents":[1]}`).MustStatus(204)
			refused(t, send("POST", "/api/orders", `{"group":"a","parents":[1,99]}`), 422, "/group", "/parents/1")
			refused(t, send("POST", "/api/orders", `{"group":"","parents":[1,1,1,1]}`), 422, "/group", "/parents")
			send("PUT", "/api/orders/1", `{"group":"a"}`).MustStatus(204)
			refused(t, send("PUT", "/api/orders/2", `{"group":"a"}`), 422, "/group")
			refused(t, send("PUT", "/api/orders/0", `{"group":"a"}`), 422, "/group")
			refused(t, send("POST", "/api/folded", `{"group":"A"}`), 422, "/group")
			if caseless := dialect == "mysql"; caseless { // as its unique indexes compare
				refused(t, send("POST", "/api/orders", `{"group":"A"}`), 422, "/group")
			} else {
				send("POST", "/api/orders", `{"group":"A"}`).MustStatus(204)
			}
			// The race that no check can win ends at the index, and is reported the same way.
			refused(t, send("POST", "/api/orders?twice=true", `{"group":"raced"}`), 422, "/group")

			if err := a.DB.With(t.Context()).Delete(&order{}, 1).Error; err != nil {
				t.Fatal(err)
			}
			// The index counts deleted rows, too; a deleted row cannot be referred to.
			refused(t, send("POST", "/api/orders", `{"group":"a"}`), 422, "/group")
			refused(t, send("POST", "/api/orders", `{"group":"c","parents":[1]}`), 422, "/parents/0")
			if dialect != "mysql" {
				if err := a.DB.With(t.Context()).Where(map[string]any{"group": "A"}).Delete(&order{}).Error; err != nil {
					t.Fatal(err)
				}
			}
			send("POST", "/api/folded", `{"group":"A"}`).MustStatus(204)
		})
	}
}

func TestUniqueTakesPartInTransactions(t *testing.T) {
	t.Parallel()
	for dialect, url := range databases {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			a := lookupApp(t, url(t))
			undo := errors.New("undo")
			err := a.DB.Transaction(t.Context(), func(ctx context.Context) error {
				if err := a.DB.With(ctx).Create(&order{Group: "x"}).Error; err != nil {
					return err
				}
				errs, err := validate.Struct(a.Context(ctx), &order{Group: "x"})
				if err != nil || errs["group"] == "" {
					t.Errorf("errors = %v, %v", errs, err)
				}
				errs, err = validate.Struct(a.Context(ctx), &order{ID: 1, Group: "x"})
				if err != nil || len(errs) > 0 {
					t.Errorf("the record itself: %v, %v", errs, err)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
			if errs, err := validate.Struct(a.Context(t.Context()), &order{Group: "x"}); err != nil || len(errs) > 0 {
				t.Errorf("after the rollback: %v, %v", errs, err)
			}
		})
	}
}

func TestUniqueInForms(t *testing.T) {
	t.Parallel()
	type page struct {
		ID    int64
		Group string `form:"group" unique:"order.group"`
	}
	a := lookupApp(t, databases["sqlite"](t))
	if err := a.DB.With(t.Context()).Create(&order{Group: "a"}).Error; err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]string{0: "This is already taken.", 1: "", 2: "This is already taken."} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("group=a&ID=1&id=1"))
		r.Header.Set("Content-Type", echo.MIMEApplicationForm)
		r = r.WithContext(a.Context(r.Context()))
		form := page{ID: id}
		errs, err := web.Bind(a.Echo.NewContext(r, httptest.NewRecorder()), &form)
		if err != nil || errs["group"] != want || form.ID != id {
			t.Errorf("id %d: %v, %v", id, errs, err)
		}
	}
	if _, err := validate.Struct(t.Context(), &page{Group: "a"}); err == nil ||
		!strings.Contains(err.Error(), "validate.WithLookup") {
		t.Errorf("without a database: %v", err)
	}
}
