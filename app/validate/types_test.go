package validate_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// product has the types that are one value, and no fields to look into.
type product struct {
	Price  decimal.Decimal   `form:"price" minimum:"0.10" exclusiveMaximum:"100000000000000000000.01" multipleOf:"0.01"`
	Day    covetmodels.Date  `form:"day" required:"true"`
	Code   uuid.UUID         `form:"code" required:"true" unique:"products.code"`
	Weight *decimal.Decimal  `form:"weight" exclusiveMinimum:"0" maximum:"2.5"`
	Until  *covetmodels.Date `form:"until"`
	Parent *uuid.UUID        `form:"parent" exists:"products.code"`
	Data   json.RawMessage   `form:"data" gorm:"serializer:json"`
}

// stock knows one code.
type stock struct{ code uuid.UUID }

func (s stock) Exists(_ context.Context, q validate.Query) (bool, error) {
	return q.Value == any(s.code), nil
}

func TestTypesThatAreOneValue(t *testing.T) {
	t.Parallel()
	known, other := uuid.New(), uuid.New()
	ctx := validate.WithLookup(t.Context(), stock{known})
	valid := func() product {
		return product{
			Price:  decimal.RequireFromString("0.10"),
			Day:    covetmodels.NewDate(2026, 3, 31),
			Code:   other,
			Parent: &known,
		}
	}
	number := func(text string) *decimal.Decimal { d := decimal.RequireFromString(text); return &d }
	for name, tt := range map[string]struct {
		change func(p *product)
		want   validate.Errors
	}{
		"valid": {func(*product) {}, nil},
		"too little by a bit": {
			func(p *product) { p.Price = *number("0.09") },
			validate.Errors{"price": "This must be at least 0.10."},
		},
		"no value is 0": {
			func(p *product) { p.Price = decimal.Decimal{} },
			validate.Errors{"price": "This must be at least 0.10."},
		},
		"exact below": {func(p *product) { p.Price = *number("100000000000000000000.00") }, nil},
		"exact bound": {
			func(p *product) { p.Price = *number("100000000000000000000.01") },
			validate.Errors{"price": "This must be less than 100000000000000000000.01."},
		},
		"exact multiple": {func(p *product) { p.Price = *number("12345678901234567890.12") }, nil},
		"no multiple": {
			func(p *product) { p.Price = *number("12345678901234567890.123") },
			validate.Errors{"price": "This must be a multiple of 0.01."},
		},
		"pointer": {func(p *product) { p.Weight = number("2.5") }, nil},
		"pointer, too much": {
			func(p *product) { p.Weight = number("2.51") },
			validate.Errors{"weight": "This must be at most 2.5."},
		},
		"pointer to 0": {
			func(p *product) { p.Weight = number("0") },
			validate.Errors{"weight": "This must be more than 0."},
		},
		"no date": {
			func(p *product) { p.Day = covetmodels.Date{} },
			validate.Errors{"day": "Please fill this in."},
		},
		"no UUID": {func(p *product) { p.Code = uuid.Nil }, validate.Errors{"code": "Please fill this in."}},
		"taken":   {func(p *product) { p.Code = known }, validate.Errors{"code": "This is already taken."}},
		"no such": {func(p *product) { p.Parent = &other }, validate.Errors{"parent": "There is no such entry."}},
	} {
		p := valid()
		tt.change(&p)
		errs, err := validate.Struct(ctx, &p)
		if err != nil {
			t.Fatal(name, err)
		}
		if len(errs) != len(tt.want) || (len(errs) > 0 && !cmp.Equal(errs, tt.want)) {
			t.Errorf("%s: %v, want %v", name, errs, tt.want)
		}
	}
}

// Of a decimal 0 is a value, as of any number.
func TestRequiredDecimal(t *testing.T) {
	t.Parallel()
	type priced struct {
		Price decimal.Decimal `form:"price" required:"true"`
	}
	for missing, want := range map[bool]int{true: 1, false: 0} {
		errs, err := validate.Check(t.Context(), &priced{}, validate.Options{Missing: func(string) bool { return missing }})
		if err != nil || len(errs) != want {
			t.Errorf("missing: %v, errors = %v, %v", missing, errs, err)
		}
	}
	if errs, err := validate.Struct(t.Context(), &priced{}); err != nil || len(errs) != 0 {
		t.Errorf("errors = %v, %v", errs, err)
	}
}
