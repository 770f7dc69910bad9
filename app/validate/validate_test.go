package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/validate"
)

type signup struct {
	Email string `form:"email" required:"true" format:"email" maxLength:"20"`
	Plan  string `form:"plan" enum:"free,team"`
	Seats int    `json:"seats" minimum:"1" maximum:"9"`
}

func ExampleStruct() {
	errs, err := validate.Struct(context.Background(), &signup{Email: "ada", Plan: "gold", Seats: 3})
	fmt.Println(errs["email"], errs["plan"], err)
	// Output: Enter an email address, such as ada@example.com. Choose one of: free, team. <nil>
}

type everything struct {
	Req     string   `required:"true"`
	Min     string   `minLength:"2"`
	Max     string   `maxLength:"3"`
	Items   []string `maxItems:"1" maxLength:"3"`
	Low     int      `minimum:"2"`
	High    float64  `maximum:"2.5"`
	Small   uint8    `maximum:"3"`
	Pattern string   `pattern:"^[a-z]+$"`
	Slug    string   `pattern:"^[a-z]+$" patternDescription:"small letters"`
	Email   string   `format:"email"`
	URI     string   `format:"uri"`
	UUID    string   `format:"uuid"`
	Date    string   `format:"date"`
	Moment  string   `format:"date-time"`
	Ptr     *string  `minLength:"2"`
	Parts   []part   `json:"parts"`
	Part    *part    `json:"part"`
	Inner   struct {
		City string `json:"city,omitempty" required:"true"`
	} `json:"inner"`
	signup
}

type part struct {
	Price int `json:"price" minimum:"1"`
}

func valid() everything {
	ok := everything{
		Req:    "x",
		Min:    "äö",
		Max:    "äöü",
		Low:    2,
		High:   2.5,
		Small:  3,
		signup: signup{Email: "a@b.c", Seats: 1},
	}
	ok.Inner.City = "Ulm"
	return ok
}

func TestHostname(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	for host, want := range map[string]bool{
		"localhost": true, "example.com": true, "a-b.example.com": true, "1.example": true, label + ".com": true,
		"-a.com": false, "a-.com": false, "a..com": false, ".com": false, "example.com.": false, "a_b.com": false,
		"ä.com": false, "a b": false, label + "a.com": false, strings.Repeat(label+".", 4) + "com": false,
	} {
		input := struct {
			Host string `format:"hostname"`
		}{host}
		errs, err := validate.Struct(t.Context(), &input)
		if err != nil || (len(errs) == 0) != want {
			t.Errorf("%q: %v, %v", host, errs, err)
		}
	}
}

func TestSlugsAndColors(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]bool{
		"a": true, "2026": true, "summer-sale-2026": true, "new-york": true, "news": true, "": true, // none was given
		"new": false, "Bad Slug/../x": false, "Sale": false, "a--b": false, "-a": false, "a-": false, "a_b": false, "ä": false, "a\n": false,
		"..": false, "a/b": false, "a%2fb": false, "\xff": false, "a\x00": false,
	} {
		errs, err := validate.Struct(t.Context(), &struct {
			Slug string `format:"slug"`
		}{slug})
		if err != nil || (len(errs) == 0) != want || validate.Slug(slug) != (want && slug != "") {
			t.Errorf("slug %q: %v, %v", slug, errs, err)
		}
	}
	for color, want := range map[string]bool{
		"#1f6f5c": true, "#FFFFFF": true, "": true, "red": false, "#fff": false, "#1f6f5c80": false, "1f6f5c": false,
		"#1f6f5g": false, "#1f6f5c\n": false, "#000000\"/><script>": false,
	} {
		errs, err := validate.Struct(t.Context(), &struct {
			Color string `format:"color"`
		}{color})
		if err != nil || (len(errs) == 0) != want {
			t.Errorf("color %q: %v, %v", color, errs, err)
		}
	}
}

func TestStruct(t *testing.T) {
	t.Parallel()
	short := "x"
	tests := []struct {
		field string
		spoil func(*everything)
		want  string
	}{
		{"", func(*everything) {}, ""},
		{"Req", func(e *everything) { e.Req = "" }, "Please fill this in."},
		{"Min", func(e *everything) { e.Min = "ä" }, "This is too short: at least 2 characters."},
		{"Min", func(e *everything) { e.Min = "" }, "Please fill this in."},
		{"Max", func(e *everything) { e.Max = "äöüß" }, "This is too long: at most 3 characters."},
		{"Items", func(e *everything) { e.Items = []string{"a", "b"} }, "These are too many: at most 1 item."},
		{"Items.0", func(e *everything) { e.Items = []string{"abcd"} }, "This is too long: at most 3 characters."},
		{"Low", func(e *everything) { e.Low = 1 }, "This must be at least 2."},
		{"High", func(e *everything) { e.High = 2.6 }, "This must be at most 2.5."},
		{"Small", func(e *everything) { e.Small = 4 }, "This must be at most 3."},
		{"Pattern", func(e *everything) { e.Pattern = "A" }, "This does not have the required form."},
		{"Slug", func(e *everything) { e.Slug = "A" }, "This must be small letters."},
		{"Email", func(e *everything) { e.Email = "Ada <a@b.c>" }, "Enter an email address, such as ada@example.com."},
		{
			"Email", func(e *everything) { e.Email = "a@b.c\r\nBcc: d@e.f" },
			"Enter an email address, such as ada@example.com.",
		},
		{"URI", func(e *everything) { e.URI = "javascript:alert(1)" }, "Enter an address that starts with https://."},
		{"UUID", func(e *everything) { e.UUID = "{00000000-0000-0000-0000-000000000000}" }, "Enter a UUID."},
		{"Date", func(e *everything) { e.Date = "2026-02-30" }, "Enter a date as year-month-day."},
		{"Moment", func(e *everything) { e.Moment = "2026-02-03" }, "Enter a date and time (RFC 3339)."},
		{"Ptr", func(e *everything) { e.Ptr = &short }, "This is too short: at least 2 characters."},
		{"parts.1.price", func(e *everything) { e.Parts = []part{{1}, {0}} }, "This must be at least 1."},
		{"part.price", func(e *everything) { e.Part = &part{} }, "This must be at least 1."},
		{"inner.city", func(e *everything) { e.Inner.City = "" }, "Please fill this in."},
		{"plan", func(e *everything) { e.Plan = "gold" }, "Choose one of: free, team."},
		{"seats", func(e *everything) { e.Seats = 0 }, "This must be at least 1."},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			t.Parallel()
			value := valid()
			tt.spoil(&value)
			got, err := validate.Struct(t.Context(), &value)
			if err != nil {
				t.Fatal(err)
			}
			want := validate.Errors{}
			if tt.field != "" {
				want[tt.field] = tt.want
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

type period struct {
	From string `form:"from" format:"date"`
	To   string `form:"to" format:"date"`
	fail error
}

func (p *period) Validate(_ context.Context, errs validate.Errors) error {
	if p.From > p.To {
		errs.Add("to", "This is before the start.")
	}
	return p.fail
}

func TestOwnRules(t *testing.T) {
	t.Parallel()
	got, err := validate.Struct(t.Context(), &period{From: "2026-02-02", To: "2026-01-01"})
	if err != nil || got["to"] != "This is before the start." {
		t.Errorf("errors = %v, %v", got, err)
	}
	unavailable := errors.New("database is away")
	if _, err := validate.Struct(t.Context(), &period{fail: unavailable}); !errors.Is(err, unavailable) {
		t.Errorf("error = %v, want the rule's own", err)
	}
}

func TestInvalidTags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value any
		want  string
	}{
		{&struct {
			A string `pattern:"("`
		}{}, `field A: tag pattern:"("`},
		{&struct {
			A string `minLength:"x"`
		}{}, `tag minLength:"x"`},
		{&struct {
			A string `format:"phone"`
		}{}, "format is unknown"},
		{&struct {
			A int `minLength:"1"`
		}{}, "tag minLength says nothing about a int"},
		{&struct {
			A string `minimum:"1"`
		}{}, "tag minimum says nothing about a string"},
		{&struct {
			A []int `pattern:"x"`
		}{}, "tag pattern says nothing about a []int"},
		{signup{}, "no pointer to a struct"},
	}
	for _, tt := range tests {
		if _, err := validate.Struct(t.Context(), tt.value); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error = %v, want %q in it", err, tt.want)
		}
	}
}

// Threat: a password that breaks a rule is sent back in the answer.
func TestValuesAreNotRepeated(t *testing.T) {
	t.Parallel()
	errs, err := validate.Struct(t.Context(), &struct {
		Password string `form:"a/b" minLength:"12"`
	}{"hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(errs.Err())
	if strings.Contains(string(body), "hunter2") || !strings.Contains(string(body), `"/a~1b"`) {
		t.Errorf("problem = %s", body)
	}
	if err := (validate.Errors{}).Err(); err != nil {
		t.Errorf("no errors are %v", err)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"a@b.c", "", "@", "a@b\r\n", `"a b"@c.d`, "a@[127.0.0.1]", "ä@ö.ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		errs, err := validate.Struct(t.Context(), &struct {
			Email string `format:"email"`
		}{s})
		if err != nil {
			t.Fatal(err)
		}
		if len(errs) == 0 && strings.ContainsAny(s, "\r\n <>") {
			t.Errorf("%q passes", s)
		}
	})
}
