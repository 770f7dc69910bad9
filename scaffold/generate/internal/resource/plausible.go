package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// SeedRows are the numbers of the rows that a seed stores.
func (r *Resource) SeedRows() []int { return []int{0, 1, 2} }

// SeedVar is the variable for one row of a seed.
func (r *Resource) SeedVar() string { return r.Var() + "Seed" }

// Seeded are the columns that differ between the rows of a seed: texts, and decimals that look like prices.
func (r *Resource) Seeded() []Column {
	return slices.DeleteFunc(r.FactorySet(), func(c Column) bool { return !c.Textual() && !c.isPrice() })
}

// isPrice reports whether the column has room for amounts such as 349.00.
func (c Column) isPrice() bool { return c.Type == field.Decimal && c.Scale == 2 && c.Precision >= 5 }

// Plausible is a value such as users enter, for the template "literal": one of three, which row counts from 0. A column
// without room for it gets a letter.
func (c Column) Plausible(row int) Literal {
	text := c.plausible(row)
	if c.Type == field.String && len(text) > c.MaxLength() {
		text = "ABC"[row : row+1]
	}
	return Literal{c.Type, text}
}

func (c Column) plausible(row int) string {
	if c.isPrice() {
		return [...]string{"349.00", "79.50", "12.90"}[row]
	}
	if values, ok := valuesLike[c.Format]; ok {
		return values[row]
	}
	words := strings.Split(c.Name, "_")
	last := words[len(words)-1]
	if last == "name" || last == "title" || last == "label" {
		if values, ok := namesOf[c.table]; ok && len(words) == 1 {
			return values[row]
		}
	}
	for _, name := range []string{c.Name, last} {
		if values, ok := valuesOf[name]; ok {
			return values[row]
		}
	}
	return fmt.Sprintf("%s %s", c.Label(), [...]string{"A", "B", "C"}[row])
}

type three = [3]string

var (
	people    = three{"Ada Lovelace", "Grace Hopper", "Alan Turing"}
	goods     = three{"Walnut desk", "Reading lamp", "Linen notebook"}
	companies = three{"Northwind Trading", "Blue Harbor Foods", "Cedar & Sons"}
	topics    = three{"Design", "Engineering", "Travel"}
	headlines = three{"A quiet start to the season", "What we learned this year", "Five small improvements"}
	prose     = three{
		"Made with care, and meant to be used every day.", "A short text that shows how a longer one will look.",
		"There is more to say about this, but this is enough to begin with.",
	}
)

// namesOf are names of records, by table.
var namesOf = map[string]three{
	"products": goods, "items": goods, "goods": goods, "articles": headlines, "posts": headlines, "pages": headlines,
	"stories": headlines, "news": headlines, "notes": headlines, "customers": people, "users": people, "people": people,
	"persons": people, "contacts": people, "authors": people, "members": people, "employees": people,
	"companies": companies, "suppliers": companies, "vendors": companies, "brands": companies, "clients": companies,
	"organizations": companies, "categories": topics, "tags": topics, "topics": topics,
	"books":      {"The Long Way Home", "A Field Guide to Clouds", "Letters from the Coast"},
	"tasks":      {"Call the printer", "Order new chairs", "Write the release notes"},
	"projects":   {"New website", "Autumn catalogue", "Office move"},
	"events":     {"Summer party", "Open day", "Book club"},
	"warehouses": {"North warehouse", "Harbor depot", "City store"},
	"teams":      {"Design team", "Support team", "Sales team"},
}

// valuesLike are values of fields of a format.
var valuesLike = map[field.Type]three{
	field.Slug:  {"quiet-start", "lessons-learned", "small-improvements"},
	field.Email: {"ada@example.com", "grace@example.com", "alan@example.com"},
	field.URL:   {"https://example.com/one", "https://example.com/two", "https://example.com/three"},
	field.Color: {"#1f6f5c", "#c2542d", "#3b5bdb"},
	field.Markdown: {
		"Made with **care**, and meant to be used every day.", "A short text:\n\n- that shows a list\n- and *emphasis*",
		"## More to say\n\nThis is enough to begin with.",
	},
}

// valuesOf are values of fields, by the name of the field or its last word.
var valuesOf = map[string]three{
	"name": {"Aurora", "Birch", "Coral"}, "title": headlines, "headline": headlines, "subject": headlines,
	"first_name": {"Ada", "Grace", "Alan"}, "last_name": {"Lovelace", "Hopper", "Turing"}, "full_name": people,
	"author": people, "contact": people, "company": companies, "brand": companies, "supplier": companies, "manufacturer": companies,
	"email":   {"ada@example.com", "grace@example.com", "alan@example.com"},
	"phone":   {"+1 202 555 0101", "+1 202 555 0102", "+1 202 555 0103"},
	"city":    {"Lisbon", "Oslo", "Kyoto"},
	"country": {"Portugal", "Norway", "Japan"}, "street": {"12 Harbor Road", "4 Mill Lane", "87 Station Street"},
	"address":  {"12 Harbor Road, Lisbon", "4 Mill Lane, Oslo", "87 Station Street, Kyoto"},
	"postcode": {"1100-148", "0150", "600-8216"}, "zip": {"1100-148", "0150", "600-8216"},
	"url":     {"https://example.com/one", "https://example.com/two", "https://example.com/three"},
	"website": {"https://one.example.com", "https://two.example.com", "https://three.example.com"},
	"link":    {"https://example.com/one", "https://example.com/two", "https://example.com/three"},
	"color":   {"blue", "green", "red"}, "colour": {"blue", "green", "red"}, "size": {"S", "M", "L"},
	"sku": {"DSK-1001", "LMP-2040", "NTB-0307"}, "code": {"A-1001", "B-2040", "C-0307"}, "number": {"2026-0001", "2026-0002", "2026-0003"},
	"slug": {"quiet-start", "lessons-learned", "small-improvements"}, "category": topics, "tag": topics,
	"body": prose, "text": prose, "content": prose, "description": prose, "summary": prose, "note": prose, "notes": prose,
	"bio": prose, "comment": prose, "message": prose,
}
