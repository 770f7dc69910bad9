package field_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

func one(t testing.TB, arg string) field.Field {
	t.Helper()
	fields, err := field.Parse([]string{arg})
	if err != nil {
		t.Fatal(err)
	}
	return fields[0]
}

func text(s string) *string { return &s }

func TestParse(t *testing.T) {
	t.Parallel()
	tag, err := inflect.Parse("tag")
	if err != nil {
		t.Fatal(err)
	}
	user, err := inflect.ParseModel("user")
	if err != nil {
		t.Fatal(err)
	}
	plain := func(name, goName string, kind field.Type) field.Field {
		return field.Field{Name: name, GoName: goName, Key: name, GoKey: goName, Column: name, Type: kind}
	}
	with := func(f field.Field, change func(*field.Field)) field.Field { change(&f); return f }
	for arg, want := range map[string]field.Field{
		"title:string!":         with(plain("title", "Title", field.String), func(f *field.Field) { f.Required = true }),
		"title:string:required": with(plain("title", "Title", field.String), func(f *field.Field) { f.Required = true }),
		"body:text":             plain("body", "Body", field.Text),
		"published_at:time?": with(plain("published_at", "PublishedAt", field.Time),
			func(f *field.Field) { f.Nullable = true }),
		"published_at:time:nullable": with(plain("published_at", "PublishedAt", field.Time),
			func(f *field.Field) { f.Nullable = true }),
		"slug:string!:unique": with(plain("slug", "Slug", field.String),
			func(f *field.Field) { f.Required, f.Unique = true, true }),
		"slug:string:unique!": with(plain("slug", "Slug", field.String),
			func(f *field.Field) { f.Required, f.Unique = true, true }),
		"n:int:index:default=-3": with(plain("n", "N", field.Int),
			func(f *field.Field) { f.Index, f.Default = true, text("-3") }),
		"title:string:default=": with(plain("title", "Title", field.String),
			func(f *field.Field) { f.Default = text("") }),
		"title:string:default=a:b?": with(plain("title", "Title", field.String),
			func(f *field.Field) { f.Default = text("a:b?") }),
		"price:decimal(10,2)": with(plain("price", "Price", field.Decimal),
			func(f *field.Field) { f.Precision, f.Scale = 10, 2 }),
		"price:decimal:10,2?": with(plain("price", "Price", field.Decimal),
			func(f *field.Field) { f.Precision, f.Scale, f.Nullable = 10, 2, true }),
		"status:enum:draft,live:index": with(plain("status", "Status", field.Enum), func(f *field.Field) {
			f.Values, f.Index = []string{"draft", "live"}, true
		}),
		"html_url:string":  plain("html_url", "HTMLURL", field.String),
		"address_2:string": with(plain("address_2", "Address2", field.String), func(f *field.Field) { f.ColumnTag = true }),
		"https:bool":       with(plain("https", "HTTPS", field.Bool), func(f *field.Field) { f.ColumnTag = true }),
		"author:belongs_to:user?:unique": {
			Name: "author", GoName: "Author", Key: "author_id", GoKey: "AuthorID", Column: "author_id", Type: field.BelongsTo,
			Target: user, Nullable: true, Unique: true,
		},
		"tags:many:tags": {Name: "tags", GoName: "Tags", Key: "tag_ids", GoKey: "TagIDs", Type: field.Many, Target: tag},
	} {
		if diff := cmp.Diff(want, one(t, arg)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", arg, diff)
		}
	}
}

// Words of other frameworks and databases mean the types; documents have the type itself.
func TestAliases(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"a:datetime?": "a:time?", "a:timestamp": "a:time", "a:timestamptz!": "a:time!", "a:boolean:default=true": "a:bool:default=true",
		"a:integer:index": "a:int:index", "a:bigint": "a:bigint", "a:double": "a:float", "a:jsonb": "a:json", "a:str!": "a:string!",
		"a:varchar(80)!": "a:string(80)!", "a:varchar": "a:string", "a:string(255)": "a:string", "a:string(3):unique": "a:string(3):unique",
		"a:numeric(10,2)": "a:decimal(10,2)", "a:DateTime": "a:time", "post:references": "post:belongs_to:post",
		"post:references?": "post:belongs_to:post?", "post:belongs_to": "post:belongs_to:post", "post:belongs_to!": "post:belongs_to:post!",
		"posts:belongs_to:post": "posts:belongs_to:post", "author:references:user": "author:belongs_to:user", "tags:many": "tags:many:tag",
		"tags:many_to_many:tag": "tags:many:tag", "doc:attachment": "doc:file", "cover:photo": "cover:image", "id_2:guid": "id_2:uuid",
	} {
		if got := one(t, arg).String(); got != want {
			t.Errorf("%s is read as %s, want %s", arg, got, want)
		}
	}
}

// Formats have the columns of a type, and are written as what they are.
func TestFormats(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]struct {
		written  string
		kind     field.Type
		length   int
		required bool
	}{
		"a:slug": {"a:slug", field.String, 255, true}, "a:slug!:unique": {"a:slug!", field.String, 255, true},
		"a:email": {"a:email", field.String, 254, false}, "a:email?:unique": {"a:email?:unique", field.String, 254, false},
		"a:url": {"a:url", field.String, 2048, false}, "a:uri!": {"a:url!", field.String, 2048, true},
		"a:color": {"a:color", field.String, 7, true}, "a:colour?": {"a:color?", field.String, 7, false},
		"a:color:default=#1f6f5c": {"a:color:default=#1f6f5c", field.String, 7, false},
		"a:markdown":              {"a:markdown", field.Text, 255, false}, "a:markdown?": {"a:markdown?", field.Text, 255, false},
		"a:money(EUR)": {"a:money(EUR)", field.Decimal, 255, false}, "a:money:JPY:index": {"a:money(JPY):index", field.Decimal, 255, false},
		"a:money(EUR):default=9.99": {"a:money(EUR):default=9.99", field.Decimal, 255, false},
	} {
		f := one(t, arg)
		if f.String() != want.written || f.Type != want.kind || f.MustBeGiven() != want.required {
			t.Errorf("%s is %s of type %s, required: %t", arg, f, f.Type, f.MustBeGiven())
		}
		if f.Type == field.String && f.MaxLength() != want.length {
			t.Errorf("%s has %d characters", arg, f.MaxLength())
		}
		if again := one(t, f.String()); again.String() != f.String() {
			t.Errorf("%s is read again as %s", f, again)
		}
	}
	for currency, scale := range map[string]int{"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4} {
		if f := one(t, "a:money("+currency+")"); f.Scale != scale || f.Precision != 15 {
			t.Errorf("%s has %d digits, %d of them after the point", currency, f.Precision, f.Scale)
		}
	}
}

// The kinds of files are those that their content tells.
func TestFileKinds(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"a:file": "", "a:image": "", "a:file(pdf,zip)": "application/pdf application/zip", "a:file(text)": "text/plain",
		"a:image(png,jpeg)": "image/png image/jpeg", "a:photo(webp)": "image/webp", "a:file(mp4)": "video/mp4",
	} {
		f := one(t, arg)
		if got := strings.Join(f.MediaTypes(), " "); got != want {
			t.Errorf("%s accepts %q, want %q", arg, got, want)
		}
		if again := one(t, f.String()); again.String() != f.String() {
			t.Errorf("%s is read again as %s", f, again)
		}
	}
	if types := one(t, "a:enum(pdf,zip)").MediaTypes(); types != nil {
		t.Errorf("an enum accepts %v", types)
	}
}

// An index over several columns is written at its last field.
func TestTogether(t *testing.T) {
	t.Parallel()
	fields, err := field.Parse([]string{
		"user:belongs_to:user", "post:belongs_to:post:unique=user:index(created_at)", "position:int!:unique(user,post)",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fields[1].String(); got != "post:belongs_to:post:unique(user):index(created_at)" {
		t.Errorf("the field is written %s", got)
	}
	if got := fields[2].UniqueWith; !slices.Equal(got, []string{"user", "post"}) {
		t.Errorf("it is unique with %v", got)
	}
	for _, args := range []string{
		"a:int:unique(b)", "a:int:unique(a)", "a:int b:int:unique(a,a)", "a:text b:int:unique(a)", "a:int b:text:unique(a)",
		"a:int b:int:unique:unique(a)", "a:int b:int:unique()", "a:int b:int:unique(a", "a:int b:int:unique(created_at)",
		"a:int b:int:unique(a):unique(a)", "as:many:tag b:int:unique(as)", "a:int b:int!unique(a)", "a:int b:int:default(a)",
	} {
		if _, err := field.Parse(strings.Fields(args)); err == nil {
			t.Errorf("%s is accepted", args)
		}
	}
}

func TestMustBeGiven(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"a:string": false, "a:string!": true, "a:int": false, "a:json": false, "a:file": false, "a:image": false,
		"a:string:unique": true, "a:date": true,
		"a:time?": false, "a:uuid": true, "a:enum(b,c)": true, "a:enum(b,c):default=b": false, "a:belongs_to:post": true,
		"a:belongs_to:post?": false, "as:many:post": false,
	} {
		if got := one(t, arg).MustBeGiven(); got != want {
			t.Errorf("%s: %v", arg, got)
		}
	}
}

// Each case says at which character of the last argument reading fails, why, and what is suggested.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args       string
		column     int
		problem    string
		suggestion string
	}{
		{"Title:string", 1, "lower-case letters", "title"},
		{"publishedAt:time", 1, "lower-case letters", "published_at"},
		{"_x:int", 1, "lower-case letters", "x"},
		{"x__y:int", 1, "lower-case letters", "x_y"},
		{":int", 1, "lower-case letters", ""},
		{"title", 6, "type after the name", "title:string"},
		{"title!", 6, "type after the name", "title:string"},
		{"title:strng", 7, "no type strng", "string"},
		{"title:", 7, "no type", ""},
		{"x:zzzzzzz", 3, "no type zzzzzzz", ""},
		{"x:string:uniqe", 10, "no modifier uniqe", "unique"},
		{"x:string:", 10, "no modifier", ""},
		{"x:string:default", 10, "no modifier default", "default="},
		{"x:decimal(10,2)default=", 16, "expected !", ""},
		{"x:string!x", 10, "expected !", ""},
		{"x:int(20)", 6, "not accept parentheses", ""},
		{"x:string(0)", 10, "at most 255", ""},
		{"x:string(256)", 10, "at most 255", ""},
		{"x:varchar(a)", 11, "at most 255", ""},
		{"x:string(4):default=abcde", 21, "at most 4", "text"},
		{"x:bolean", 3, "no type bolean", "boolean"},
		{"x:datetme", 3, "no type datetme", "datetime"},
		{"x:post:references", 3, "no type post", ""},
		{"x:belongs_to:", 14, "model is missing", "x:belongs_to:x"},
		{"x:string!!", 10, "is repeated", ""},
		{"x:string!?", 1, "both required", ""},
		{"x:string:unique:index", 1, "already has an index", "x:string:unique"},
		{"x:string:unique:default=a", 1, "cannot have a default", ""},
		{"x:bool!", 7, "false is a value", ""},
		{"x:file?", 7, "need not be nullable", ""},
		{"x:file:unique", 7, "cannot have an index", ""},
		{"x:image?", 8, "need not be nullable", ""},
		{"x:image!", 8, "cannot be required", ""},
		{"x:slug?", 7, "address of a page", ""},
		{"x:slug:index", 7, "has an index", ""},
		{"x:slug:default=a", 7, "address of a page", ""},
		{"x:url:unique", 6, "longer than what databases index", ""},
		{"x:email:default=a@example.com", 8, "two rows hardly", ""},
		{"x:color:default=red", 17, "is written #1f6f5c", ""},
		{"x:markdown:unique", 11, "cannot have an index", ""},
		{"x:money", 8, "has a currency", "money(EUR)"},
		{"x:money(euro)", 9, "not a code of ISO 4217", ""},
		{"x:money(QQQ)", 9, "not a code of ISO 4217", ""},
		{"x:money(eur)", 9, "capital letters", "EUR"},
		{"x:money(JPY):default=1.5", 22, "does not fit into decimal(15,0)", ""},
		{"x:slug(80)", 7, "not accept parentheses", ""},
		{"x:file()", 8, `"" is not one of pdf`, ""},
		{"x:file(pdf", 11, "closing parenthesis", ""},
		{"x:file(pdf,zpi)", 12, `"zpi" is not one of`, "zip"},
		{"x:file(pdf,docx)", 12, "that of docx is zip", "zip"},
		{"x:file(csv)", 8, "that of csv is text", "text"},
		{"x:file(pdf,pdf)", 12, "there twice", ""},
		{"x:image(pdf)", 9, "not a kind of image", "file(pdf)"},
		{"x:image(jpg)", 9, "that of jpg is jpeg", "jpeg"},
		{"x:imge", 3, "no type imge", "image"},
		{"x:text:index", 7, "cannot have an index", ""},
		{"x:text:unique", 7, "cannot have an index", ""},
		{"x:json:index", 7, "cannot have an index", ""},
		{"x:bool:unique", 7, "cannot have an index", ""},
		{"x:file:default=a", 7, "cannot be default", ""},
		{"xs:many:tag!", 12, "not accept modifiers", ""},
		{"xs:many:tag:index", 12, "not accept modifiers", ""},
		{"xs:many:tag:default=1", 12, "not accept modifiers", ""},
		{"x:belongs_to:tag:default=1", 17, "cannot have a default", ""},
		{"tags:many:", 11, "model is missing", "tags:many:tag"},
		{"x:belongs_to:2fa", 14, "starts with a digit", ""},
		{"author_id:belongs_to:user", 1, "adds _id", "author:belongs_to:user"},
		{"x:decimal", 10, "requires its digits", "decimal(10,2)"},
		{"x:decimal{10,2}", 10, "requires its digits", "decimal(10,2)"},
		{"x:decimal(10,2", 15, "closing parenthesis", ""},
		{"x:decimal(0,0)", 11, "1 to 38", ""},
		{"x:decimal(39,0)", 11, "1 to 38", ""},
		{"x:decimal(2,3)", 11, "after the decimal point", ""},
		{"x:decimal(38,31)", 11, "at most 30", ""},
		{"x:enum(a)", 8, "two values", "enum(draft,live)"},
		{"x:enum", 7, "two values", "enum(draft,live)"},
		{"x:enum(a,B)", 10, "must consist of", "b"},
		{"x:enum(a,b,a)", 12, "listed twice", ""},
		{"x:enum(a," + strings.Repeat("b", 65) + ")", 10, "at most 64", ""},
		{"x:int:default=2147483648", 15, "use bigint", ""},
		{"x:int:default=1.5", 15, "whole number", ""},
		{"x:int:default=", 15, "whole number", ""},
		{"x:bigint:default=9223372036854775808", 18, "64 bits", ""},
		{"x:float:default=NaN", 17, "number such as", ""},
		{"x:float:default=1e999", 17, "number such as", ""},
		{"x:decimal(4,2):default=100", 24, "does not fit", ""},
		{"x:decimal(4,2):default=1.234", 24, "does not fit", ""},
		{"x:decimal(4,2):default=x", 24, "number such as", ""},
		{"x:bool:default=yes", 16, "true or false", ""},
		{"x:date:default=2026-02-30", 16, "a date must have the form", ""},
		{"x:date:default=0999-01-01", 16, "between 1000 and 9999", ""},
		{"x:time:default=2026-02-03", 16, "a time must have the form", ""},
		{"x:uuid:default=1", 16, "a uuid must have the form", ""},
		{"x:json:default={", 16, "not JSON", ""},
		{`x:json:default={"a":"b;"}`, 16, "semicolon", ""},
		{"x:enum(draft,live):default=drft", 28, "not one of", "draft"},
		{"x:string:default=" + strings.Repeat("ä", 256), 18, "at most 255", "text"},
		{"x:string:default=a\nb", 18, "control", ""},
		{"x:string:default=a\xff", 18, "UTF-8", ""},
		{`x:string:default=a\`, 18, "backslash", ""},
		{"x:string:default=a -- b", 18, "--", ""},
		{"id:int", 1, "has an id", ""},
		{"i_d:int", 1, "has an id", ""},
		{"created_at:time", 1, "has a created_at", ""},
		{"deleted_at:time?", 1, "soft deletion", ""},
		{"table_name:string", 1, "TableName", ""},
		{"before_save:bool", 1, "GORM calls", ""},
		{"title:string title:text", 1, "already", ""},
		{"author_id:int author:belongs_to:user", 1, "AuthorID", ""},
		{"author:belongs_to:user author_id:int", 1, "AuthorID", ""},
		{"author:string author:belongs_to:user", 1, "already", ""},
		{"tag_ids:json tags:many:tag", 1, "TagIDs", ""},
		{"address2:string address_2:string", 1, "Address2", ""},
	} {
		args := strings.Split(c.args, " ")
		if strings.Contains(c.args, " -- ") {
			args = []string{c.args}
		}
		_, err := field.Parse(args)
		var refused *field.Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: the error is %v", c.args, err)
			continue
		}
		if refused.Arg != args[len(args)-1] || refused.Column != c.column || !strings.Contains(refused.Problem, c.problem) ||
			refused.Suggestion != c.suggestion {
			t.Errorf("%s: got %d %q %q, want %d %q %q", c.args, refused.Column, refused.Problem, refused.Suggestion, c.column,
				c.problem, c.suggestion)
		}
	}
}

func TestErrorTellsWhere(t *testing.T) {
	t.Parallel()
	_, err := field.Parse([]string{"title:strng"})
	want := `reading field "title:strng": character 7: there is no type strng; did you mean string?`
	if err == nil || err.Error() != want {
		t.Fatalf("the error is %v", err)
	}
	var refused *field.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	want = "    title:strng\n          ^ there is no type strng\n\nFields are"
	if !strings.HasPrefix(refused.Detail(), want) {
		t.Errorf("the detail is\n%s", refused.Detail())
	}
}

// One screen of a terminal, and nothing in it that is refused.
func TestGrammar(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(field.Grammar(), "\n"), "\n")
	if len(lines) > 20 {
		t.Errorf("the grammar has %d lines", len(lines))
	}
	for _, line := range lines {
		if len(line) > 110 {
			t.Errorf("%q is too long for a screen", line)
		}
		if spec, _, found := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(line, "  ") && found &&
			strings.Contains(spec, ":") {
			fields := []string{spec}
			if _, other, found := strings.Cut(spec, "("); found && strings.HasSuffix(spec, ")") && (strings.Contains(spec, ":unique(") || strings.Contains(spec, ":index(")) {
				fields = append(fields, strings.TrimSuffix(other, ")")+":belongs_to") // the other column of an index
			}
			if _, err := field.Parse(fields); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	fields := []field.Field{one(t, "title:string"), one(t, "price:decimal(16,4)!")}
	if err := field.Check(fields, []string{"postgres", "mysql"}); err != nil {
		t.Error(err)
	}
	var refused *field.Error
	if err := field.Check(fields, []string{"postgres", "sqlite"}); !errors.As(err, &refused) {
		t.Fatalf("the error is %v", err)
	}
	if refused.Column != 15 || refused.Suggestion != "decimal(15,4)" {
		t.Errorf("got %+v", refused)
	}
	if err := field.Check([]field.Field{one(t, "price:decimal(15,15)")}, []string{"sqlite"}); err != nil {
		t.Error(err)
	}
}

var corpus = []string{
	"title:string!", "body:text", "slug:string:unique", "author:belongs_to:user", "published_at:time?", "tags:many:tag",
	"price:decimal(10,2)", "status:enum(draft,live)", "cover:file", "photo:image", "n:int:default=-3", "price:decimal:10,2?",
	"status:enum:a,b!:index:default=b", "x:json:default={\"a\":[1]}", "parent:belongs_to:shop/product?", "x:uuid:unique",
	"on:date:default=2026-01-02", "at:time:default=2026-01-02T03:04:05+02:00",
	"x:string:default=a:b!?(c)", "x:bool:default=true",
	"x:decimal(10", "x:enum()", "x:", ":", "!", "x:float:default=1e5", "address_2:string:index", "id:int",
	"x:strng", "x:text?:default=ä",
}

func FuzzParse(f *testing.F) {
	for _, arg := range corpus {
		f.Add(arg, "title:string")
		f.Add("title:string", arg)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		args := []string{first, second}
		fields, err := field.Parse(args)
		var refused *field.Error
		if errors.As(err, &refused) {
			if !slices.Contains(args, refused.Arg) || refused.Column < 1 || refused.Column > len(refused.Arg)+1 ||
				refused.Problem == "" {
				t.Errorf("%q: %+v", args, refused)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: the error is a %T", args, err)
		}
		for i := range fields {
			args[i] = fields[i].String()
		}
		again, err := field.Parse(args)
		if err != nil {
			t.Fatalf("%q was read, and %q is not: %v", []string{first, second}, args, err)
		}
		if diff := cmp.Diff(fields, again); diff != "" {
			t.Errorf("%q and %q differ:\n%s", []string{first, second}, args, diff)
		}
	})
}
