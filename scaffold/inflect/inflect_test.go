package inflect_test

import (
	"errors"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/scaffold/inflect"
)

func TestParse(t *testing.T) {
	t.Parallel()
	post := inflect.Name{
		Ref: "blog_post", Type: "BlogPost", Snake: "blog_post", Table: "blog_posts", Title: "Blog post",
		Titles: "Blog posts", Path: "/blog-posts",
		Folder: "app/blogposts", Package: "blogposts", Var: "blogPost", Vars: "blogPosts",
	}
	product := inflect.Name{
		Ref: "shop/product", Type: "ShopProduct", Snake: "shop_product", Table: "shop_products",
		Title: "Product", Titles: "Products",
		Path: "/shop/products", Folder: "app/shop/products", Package: "products", Alias: "shopproducts",
		Var: "product", Vars: "products",
	}
	for name, want := range map[string]inflect.Name{
		"BlogPost": post, "blog_post": post, "blog_posts": post, "blog-post": post, "BlogPosts": post, "blogPost": post,
		"shop/product": product, "Shop/Products": product,
		"news": {
			Ref: "news", Type: "News", Snake: "news", Table: "news", Title: "News", Titles: "News",
			Path: "/news", Folder: "app/news",
			Package: "news", Var: "newsRecord", Vars: "newsList",
		},
		"person": {
			Ref: "person", Type: "Person", Snake: "person", Table: "people", Title: "Person", Titles: "People", Path: "/people",
			Folder: "app/people", Package: "people", Var: "person", Vars: "people",
		},
		"APIKeys": {
			Ref: "api_key", Type: "APIKey", Snake: "api_key", Table: "api_keys", Title: "API key",
			Titles: "API keys", Path: "/api-keys",
			Folder: "app/apikeys", Package: "apikeys", Var: "apiKey", Vars: "apiKeys",
		},
		"job": {
			Ref: "job", Type: "Job", Snake: "job", Table: "jobs", Title: "Job", Titles: "Jobs",
			Path: "/jobs", Folder: "app/jobs",
			Package: "jobs", Alias: "appjobs", Var: "job", Vars: "jobs",
		},
		"x_y": { // GORM reads XY as one word
			Ref: "x_y", Type: "Xy", Snake: "xy", Table: "xies", Title: "Xy", Titles: "Xies", Path: "/xies", Folder: "app/xies",
			Package: "xies", Var: "xy", Vars: "xies",
		},
	} {
		got, err := inflect.Parse(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestVariablesAreFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, one, several string }{
		{"form", "formRecord", "forms"},
		{"type", "typeRecord", "types"},
		{"error", "errorRecord", "errorsRecord"},
		{"page", "pageRecord", "pagesRecord"},
		{"string", "stringRecord", "stringsRecord"},
		{"case", "caseRecord", "cases"},
		{"value", "valueRecord", "valuesRecord"},
	} {
		n, err := inflect.Parse(c.name, "form")
		if err != nil {
			t.Error(err)
		}
		if n.Var != c.one || n.Vars != c.several {
			t.Errorf("%s has %s and %s, want %s and %s", c.name, n.Var, n.Vars, c.one, c.several)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                           "empty",
		"böck":                       "other characters",
		"model":                      "the package models",
		"shop/model":                 "the package models",
		"factory":                    "has a file of that name",
		"blog post":                  "other characters",
		"../etc":                     "other characters",
		"2fa":                        "starts with a digit",
		"shop/2fa":                   "starts with a digit",
		"a/b/c":                      "more than one slash",
		"/post":                      "one side of the slash",
		"post/":                      "one side of the slash",
		"--":                         "no letters",
		"users":                      "use that model",
		"view":                       "app/views",
		"admin/post":                 "/admin",
		"vendor/post":                "Go gives",
		"testdata":                   "Go ignores",
		"report_windows":             "", // the singular is report_window
		"window_linux":               "only for linux",
		"load_test":                  "only for tests",
		"shop/arm":                   "only for arm",
		strings.Repeat("x", 60):      "PostgreSQL allows 63",
		strings.Repeat("blog_", 999): "it has 4995 bytes",
	} {
		_, err := inflect.Parse(name)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		var refused *inflect.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want something of %q", name, err, want)
			continue
		}
		if _, err := inflect.Parse(refused.Suggestion); err != nil {
			t.Errorf("%q: the suggestion is refused, too: %v", name, err)
		}
	}
}

func TestParseModelAllowsWhatExists(t *testing.T) {
	t.Parallel()
	n, err := inflect.ParseModel("users")
	if err != nil || n.Type != "User" || n.Table != "users" {
		t.Errorf("got %+v, %v", n, err)
	}
	if _, err := inflect.ParseModel("2fa"); err == nil {
		t.Error("2fa is a model")
	}
}

// Names that GORM would derive otherwise would mean that the generated model has another table than its migration.
func TestTablesAreThoseOfGORM(t *testing.T) {
	t.Parallel()
	for word := range strings.FieldsSeq(`
		post blog_post person category address status alias bus box quiz ox mouse louse child man woman human series species
		news fish sheep equipment information money rice analysis axis crisis datum medium index vertex matrix hero photo
		tomato knife wife leaf wolf hive move sex buffalo octopus virus user_id html_url api_key url http_header https id_card
		uuid json_document x_y address2 line_2 utf8_text db_name sql_query acl_entry gid sip ui_theme city_guide day key toy
		process class church dish fox cache drive wave olive curve bonus campus lens gas quota pizza delta company story
		invoice_line order_item price_list staff moose goose tooth foot criterion phenomenon shop_product tcp_udp vm_db`) {
		n, err := inflect.Parse(word)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		naming := schema.NamingStrategy{}
		if want := naming.TableName(n.Type); n.Table != want {
			t.Errorf("%s: the table of %s is %s, and for GORM %s", word, n.Type, n.Table, want)
		}
		goName := inflect.GoName(word)
		if got, want := inflect.Column(goName), naming.ColumnName("", goName); got != want {
			t.Errorf("%s: the column of %s is %s, and for GORM %s", word, goName, got, want)
		}
	}
}

func TestSingular(t *testing.T) {
	t.Parallel()
	for plural, want := range map[string]string{
		"posts": "post", "categories": "category", "boxes": "box", "caches": "cache", "drives": "drive", "knives": "knife",
		"leaves": "leaf", "bonus": "bonus", "bonuses": "bonus", "menus": "menu", "lens": "lens",
		"lenses": "lens", "gas": "gas",
		"data": "data", "media": "media", "quota": "quota", "people": "person", "my_news": "my_news", "statuses": "status",
		"status": "status", "address": "address", "addresses": "address", "analysis": "analysis", "analyses": "analysis",
		"blog_curves": "blog_curve", "urls": "url", "s": "s", "x_s": "x_s", "series": "series", "movies": "movie",
	} {
		if got := inflect.Singular(plural); got != want {
			t.Errorf("the singular of %s is %s, want %s", plural, got, want)
		}
	}
}

func TestGoNameAndLabel(t *testing.T) {
	t.Parallel()
	for snake, want := range map[string][2]string{
		"title": {"Title", "Title"}, "published_at": {"PublishedAt", "Published at"}, "html_url": {"HTMLURL", "HTML URL"},
		"tag_ids": {"TagIDs", "Tag IDs"}, "address2": {"Address2", "Address2"}, "line_2": {"Line2", "Line 2"}, "": {"", ""},
	} {
		if got := [2]string{inflect.GoName(snake), inflect.Label(snake)}; got != want {
			t.Errorf("%s is %q, want %q", snake, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{
		"post", "BlogPost", "shop/product", "news", "person", "APIKeys", "x_y",
		"a/b/c", "2", "__", "URLs", "sip", "ü", "map",
	} {
		f.Add(name)
	}
	identifier := regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	f.Fuzz(func(t *testing.T, name string) {
		n, err := inflect.Parse(name)
		var refused *inflect.Error
		if errors.As(err, &refused) {
			if _, err := inflect.Parse(refused.Suggestion); refused.Suggestion != "" && err != nil {
				t.Fatalf("%q: the suggestion is refused, too: %v", name, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: the error is a %T", name, err)
		}
		for _, word := range []string{n.Var, n.Vars, n.Package, n.Import()} {
			if !token.IsIdentifier(word) {
				t.Errorf("%q: %q is no identifier", name, word)
			}
		}
		if !token.IsExported(n.Type) || !token.IsIdentifier(n.Type) || !identifier.MatchString(n.Package) || n.Var == n.Vars {
			t.Errorf("%q: %+v", name, n)
		}
		if want := (schema.NamingStrategy{}).TableName(n.Type); n.Table != want {
			t.Errorf("%q: the table of %s is %s, and for GORM %s", name, n.Type, n.Table, want)
		}
		if again, err := inflect.Parse(n.Ref); err != nil || again != n {
			t.Errorf("%q is %+v, and its reference is %+v, %v", name, n, again, err)
		}
	})
}

// One and several are the same thing, whichever was written.
func TestSingularAndPluralAreOne(t *testing.T) {
	t.Parallel()
	for word := range strings.FieldsSeq(`post blog_post category address status box photo drive wave cache person invoice
		company key day process church lens campus bonus menu api_key url analysis quiz matrix index
		wolf knife news series shop/product`) {
		one, err := inflect.Parse(word)
		if err != nil {
			t.Error(err)
		}
		namespace, last, found := strings.Cut(word, "/")
		several := inflect.Plural(word)
		if found {
			several = namespace + "/" + inflect.Plural(last)
		}
		if other, err := inflect.Parse(several); err != nil || other != one {
			t.Errorf("%s is %+v, and %s is %+v, %v", word, one, several, other, err)
		}
	}
}
