package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/admin"
	covetmodels "github.com/covetgo/covet/models"
)

// Thing has a column of every type that a field of a model may have, NOT NULL and nullable.
type Thing struct {
	ID     int64
	Name   string           `gorm:"size:100;not null" required:"true"`
	Amount int32            `gorm:"not null"`
	Big    int64            `gorm:"not null"`
	Ratio  float64          `gorm:"not null"`
	Price  decimal.Decimal  `gorm:"type:decimal(10,2);not null" minimum:"-1000" multipleOf:"0.01" unique:"things.price"`
	On     bool             `gorm:"not null"`
	Day    covetmodels.Date `gorm:"not null" required:"true" unique:"things.day"`
	At     time.Time        `gorm:"precision:6;not null" required:"true"`
	Code   uuid.UUID        `gorm:"type:char(36);not null" required:"true" unique:"things.code"`
	Data   json.RawMessage  `gorm:"serializer:json;type:text;not null"`
	Kind   string           `gorm:"size:20;not null" enum:"a,b" required:"true"`
	PName  *string          `gorm:"size:100"`
	PCount *int32
	PBig   *int64
	PRatio *float64
	PPrice *decimal.Decimal `gorm:"type:decimal(10,2)"`
	POn    *bool
	PDay   *covetmodels.Date
	PAt    *time.Time      `gorm:"precision:6"`
	PCode  *uuid.UUID      `gorm:"type:char(36)"`
	PData  json.RawMessage `gorm:"serializer:json;type:text"`
	PKind  *string         `gorm:"size:20" enum:"a,b"`
}

// things runs a test on every database with the resource of Thing.
func things(t *testing.T, perPage int, test func(t *testing.T, a *app)) {
	t.Helper()
	t.Parallel()
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, open(t), func(m *admin.Module) {
				admin.Register(m, admin.Resource[Thing]{PerPage: perPage, List: []string{"Name", "Price", "Day", "Code", "PPrice", "PDay"}})
			}))
		})
	}
}

var (
	someCode  = uuid.MustParse("123e4567-e89b-42d3-a456-426614174000")
	otherCode = uuid.MustParse("123e4567-e89b-42d3-a456-426614174001")
)

func aThing() Thing {
	return Thing{
		Name: "One", Amount: 3, Big: 9007199254740993, Ratio: 1.5, Price: decimal.RequireFromString("-19.95"), On: true, Day: covetmodels.NewDate(2026, 3, 31),
		At: time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC), Code: someCode, Data: json.RawMessage(`{"n":12345678901234567890}`), Kind: "a",
	}
}

func ptr[T any](v T) *T { return &v }

// full has a value in every column.
func full() Thing {
	thing := aThing()
	thing.PName, thing.PCount, thing.PBig, thing.PRatio, thing.POn, thing.PKind = ptr("x"), ptr(int32(0)), ptr(int64(7)), ptr(0.25), ptr(false), ptr("b")
	thing.PPrice, thing.PDay, thing.PAt = ptr(decimal.RequireFromString("0.05")), ptr(covetmodels.NewDate(1999, 12, 31)), ptr(time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC))
	thing.PCode, thing.PData = &otherCode, json.RawMessage(`[1]`)
	return thing
}

// stored compares what a database has with what is expected.
func stored(t *testing.T, a *app, want Thing) {
	t.Helper()
	got := load[Thing](a, map[string]any{"name": want.Name})
	got.At, got.ID = got.At.UTC(), want.ID
	if got.PAt != nil {
		got.PAt = ptr(got.PAt.UTC())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What GORM writes it reads again.
func TestTypesInDatabases(t *testing.T) {
	things(t, 0, func(t *testing.T, a *app) {
		for i, thing := range []Thing{aThing(), full()} {
			thing.Name = fmt.Sprint(i)
			stored(t, a, create(a, thing))
		}
	})
}

func TestTypesInTheForm(t *testing.T) {
	things(t, 0, func(t *testing.T, a *app) {
		form := a.Client().Get("/admin/things/new").MustStatus(ok)
		for name, want := range map[string]string{"day": "date", "p_day": "date", "price": "number", "p_price": "number", "code": "text", "at": "datetime-local", "amount": "number"} {
			if got := form.Attr("#field-"+name, "type"); got != want {
				t.Errorf("%s is an input of the type %q, want %q", name, got, want)
			}
		}
		if got := form.Attr("#field-code", "value"); got != "" {
			t.Errorf("the form of a new record has the UUID %q", got)
		}
		fill := form.Form("/admin/things/new")
		for name, text := range map[string]string{
			"name": "One", "amount": "3", "big": "9007199254740993", "ratio": "1.5", "price": "-19.95", "on": "true", "day": "2026-03-31", "at": "2026-03-31T18:30",
			"code": someCode.String(), "data": `{"n":12345678901234567890}`, "kind": "a",
		} {
			fill = fill.Fill(name, text)
		}
		fill.Submit().MustStatus(ok)
		stored(t, a, aThing())

		edit := a.Client().Get("/admin/things").Find("tbody th a").AttrOr("href", "")
		fill = a.Client().Get(edit).MustStatus(ok).Form("form[data-record]")
		for name, text := range map[string]string{
			"p_name": "x", "p_count": "0", "p_big": "7", "p_ratio": "0.25", "p_price": "0.05", "p_on": "false", "p_day": "1999-12-31", "p_at": "1999-12-31T23:59:59",
			"p_code": otherCode.String(), "p_data": "[1]", "p_kind": "b",
		} {
			fill = fill.Fill(name, text)
		}
		fill.Submit().MustStatus(ok)
		stored(t, a, full())

		page := a.Client().Get(edit)
		for name, want := range map[string]string{"price": "-19.95", "day": "2026-03-31", "p_day": "1999-12-31", "p_price": "0.05", "p_code": otherCode.String()} {
			if got := page.Attr("#field-"+name, "value"); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		page.Form("form[data-record]").Submit().MustStatus(ok) // nothing changed
		if n := len(a.audit("things.update")); n != 1 {
			t.Errorf("%d updates are logged, want 1", n)
		}
		fill = page.Form("form[data-record]")
		for _, name := range []string{"p_name", "p_count", "p_big", "p_ratio", "p_price", "p_on", "p_day", "p_at", "p_code", "p_data", "p_kind"} {
			fill = fill.Fill(name, "")
		}
		fill.Submit().MustStatus(ok)
		stored(t, a, aThing())
	})
}

// Threat: text that only the database refuses is an internal error, or worse, taken.
func TestTypesRefused(t *testing.T) {
	things(t, 0, func(t *testing.T, a *app) {
		valid := url.Values{
			"name": {"One"}, "amount": {"1"}, "big": {"1"}, "ratio": {"1"}, "price": {"1"}, "day": {"2026-03-31"}, "at": {"2026-03-31T18:30"}, "code": {someCode.String()},
			"kind": {"a"}, "data": {""}, "_present": {"on"},
		}
		for _, tt := range []struct{ name, value, want string }{
			{"price", "", "Please fill this in."},
			{"price", "1,5", "Enter a number."},
			{"price", "1e999999999", "Enter a number."},
			{"price", "NaN", "Enter a number."},
			{"price", "100000000", "This number is too large."},
			{"p_price", "-1e90", "This number is too large."},
			{"price", "-1000.01", "at least -1000"},
			{"price", "1.005", "multiple of 0.01"},
			{"day", "", "Please fill this in."},
			{"day", "2026-02-30", "Enter a date."},
			{"p_day", "31.3.2026", "Enter a date."},
			{"p_day", "0999-12-31", "Enter a date."},
			{"at", "9999-12-31T23:59:59-12:00", "Enter a date and time"},
			{"code", "", "Please fill this in."},
			{"code", "{" + someCode.String() + "}", "Enter a UUID."},
			{"p_code", "x", "Enter a UUID."},
			{"amount", "3000000000", "Enter a whole number between"},
			{"data", "{", "not valid JSON"},
			{"data", "[1e-20000]", "too many digits"},
			{"p_data", "1e20000", "too large"},
			{"p_data", `"\u0000"`, "not allowed"},
			{"at", "now", "Enter a date and time"},
			{"kind", "c", "Choose one of"},
		} {
			form := url.Values{}
			for name, list := range valid {
				form[name] = list
			}
			form[tt.name] = []string{tt.value}
			page := a.post("/admin/things/new", form).MustStatus(http.StatusUnprocessableEntity)
			if got := page.Text("#field-" + tt.name + "-error"); !strings.Contains(got, tt.want) {
				t.Errorf("%s=%q: error %q, want %q; summary %q", tt.name, tt.value, got, tt.want, page.Text(".summary"))
			}
		}
		a.post("/admin/things/new", valid).MustStatus(ok)
		if got := load[Thing](a, map[string]any{"name": "One"}); string(got.Data) != "{}" {
			t.Errorf("JSON that was left empty is stored as %s", got.Data)
		}
		valid.Set("price", "1.00")
		page := a.post("/admin/things/new", valid).MustStatus(http.StatusUnprocessableEntity)
		for _, name := range []string{"price", "day", "code"} {
			if got := page.Text("#field-" + name + "-error"); got != "This is already taken." {
				t.Errorf("%s that is there: error %q", name, got)
			}
		}
	})
}

func TestTypesInTheList(t *testing.T) {
	things(t, 0, func(t *testing.T, a *app) {
		for i, price := range []string{"9.50", "-10.00", "100.25", "2"} {
			thing := aThing()
			if i%2 == 0 {
				thing = full()
			}
			thing.Name, thing.Price, thing.Day = fmt.Sprint(i), decimal.RequireFromString(price), covetmodels.NewDate(2026, 1, 1+i)
			create(a, thing)
		}
		for query, want := range map[string][]string{
			"sort=price": {"1", "3", "0", "2"}, "sort=-day": {"3", "2", "1", "0"},
			"filter.day.from=2026-01-02&filter.day.to=2026-01-03&sort=day": {"1", "2"},
			"filter.p_day=null&sort=day":                                   {"1", "3"}, "filter.p_price=set&sort=day": {"0", "2"}, "filter.p_code=null&sort=day": {"1", "3"},
			"filter.p_day.from=1999-12-31&filter.p_day.to=1999-12-31&sort=day": {"0", "2"}, "filter.p_day.to=1999-12-30": nil,
		} {
			page := a.Client().Get("/admin/things?" + query).MustStatus(ok)
			if diff := cmp.Diff(want, titles(page)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		a.Client().Get("/admin/things?filter.day.from=x").MustStatus(http.StatusBadRequest)
		export := a.Client().Get("/admin/things/export.csv?sort=day").MustStatus(ok).Body()
		for _, want := range []string{`"2026-01-02"`, `"-10.00"`, someCode.String(), `"1999-12-31"`} {
			if !strings.Contains(export, want) {
				t.Errorf("the export has no %s:\n%s", want, export)
			}
		}
	})
}

// The position in a list is the value of the column that the list is ordered by.
func TestTypesInPages(t *testing.T) {
	things(t, 1, func(t *testing.T, a *app) {
		for i, price := range []string{"9.50", "-10.00", "100.25", "2", "10"} {
			thing := full()
			thing.Name, thing.Price, thing.Day = fmt.Sprint(i), decimal.RequireFromString(price), covetmodels.NewDate(2026, 1, 31-i)
			thing.PPrice, thing.PDay, thing.PCode = &thing.Price, &thing.Day, ptr(uuid.New())
			create(a, thing)
		}
		for sort, want := range map[string][]string{
			"price": {"1", "3", "0", "4", "2"}, "-p_price": {"2", "4", "0", "3", "1"}, "day": {"4", "3", "2", "1", "0"}, "-p_day": {"0", "1", "2", "3", "4"},
		} {
			var got []string
			for address := "/admin/things?sort=" + sort; address != "" && len(got) < 9; {
				page := a.Client().Get(address).MustStatus(ok)
				got = append(got, titles(page)...)
				address = page.Find("a[rel=next]").AttrOr("href", "")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", sort, diff)
			}
		}
	})
}
