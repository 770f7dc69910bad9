package web_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/web"
	covetmodels "github.com/covetgo/covet/models"
)

// A form that is sent back as it was shown changes nothing.
func TestFormValuesAreReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 18, 30, 15, 0, time.UTC)
	day := covetmodels.NewDate(2026, 3, 31)
	id := uuid.MustParse("123e4567-e89b-42d3-a456-426614174000")
	want := everything{
		Text: "a", Int: 42, Big: 9007199254740993, Count: 7, Float: 0.1,
		Price: decimal.RequireFromString("12.50"), Bool: true, Day: day,
		Time: at, UUID: id, JSON: json.RawMessage(`{"n":1}`), TagIDs: []int64{3, 9}, Words: []string{"a", "b"},
		PText: pointer("x"), PInt: pointer(int32(0)), PFloat: pointer(0.0), PPrice: pointer(decimal.RequireFromString("0.5")),
		PDay: &day, PTime: &at, PUUID: &id,
	}
	var got everything
	errs, _ := bind(t, web.FormValues(&want), &got)
	if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
		t.Errorf("errors %v (-want +got):\n%s", errs, diff)
	}
}

func TestFormValues(t *testing.T) {
	t.Parallel()
	type inner struct {
		City string `form:"city"`
	}
	form := struct {
		inner
		ID     int64             `json:"-"`
		Count  int               `form:"count"`
		Price  decimal.Decimal   `form:"price"`
		Day    covetmodels.Date  `form:"day"`
		UUID   uuid.UUID         `form:"uuid"`
		Time   time.Time         `form:"time"`
		Minute time.Time         `form:"minute"`
		Nil    *time.Time        `form:"nil"`
		NilDay *covetmodels.Date `form:"nil_day"`
		Off    bool              `form:"off"`
		Cover  *web.File         `form:"cover"`
	}{
		ID: 7, Minute: time.Date(2026, 1, 2, 3, 4, 0, 0, time.FixedZone("", 3600)), inner: inner{City: "Oslo"},
		Cover: &web.File{Name: "a.png"},
	}
	want := url.Values{"city": {"Oslo"}, "count": {"0"}, "price": {"0"}, "minute": {"2026-01-02T02:04"}}
	if diff := cmp.Diff(want, web.FormValues(form)); diff != "" {
		t.Error(diff)
	}
}
