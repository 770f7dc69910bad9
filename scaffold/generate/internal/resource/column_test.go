package resource

import (
	"slices"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/field"
)

// columns are the columns of fields in a table posts.
func columns(t *testing.T, specs ...string) []Column {
	t.Helper()
	fields, err := field.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	var list []Column
	for _, f := range fields {
		list = append(list, NewColumn(f, "posts"))
	}
	return list
}

func TestTags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ spec, model, input string }{
		{"title:string!", `gorm:size:255;not null json:title required:true maxLength:255`, `form:title json:title required:true maxLength:255`},
		{
			"slug:string:unique", `gorm:size:255;not null;uniqueIndex json:slug required:true maxLength:255 unique:posts.slug`,
			`form:slug json:slug required:true maxLength:255 unique:posts.slug`,
		},
		{"body:text?", `json:body maxLength:20000`, `form:body json:body maxLength:20000`},
		{"size:int:default=3", `gorm:not null json:size minimum:-2147483648 maximum:2147483647`, `form:size json:size minimum:-2147483648 maximum:2147483647 default:3`},
		{"price:decimal(4,2)?", `json:price minimum:-99.99 maximum:99.99 multipleOf:0.01`, `form:price json:price minimum:-99.99 maximum:99.99 multipleOf:0.01`},
		{"share:decimal(2,2)", `gorm:not null json:share minimum:-0.99 maximum:0.99 multipleOf:0.01`, `form:share json:share minimum:-0.99 maximum:0.99 multipleOf:0.01`},
		{"state:enum(a,b)", `gorm:size:64;not null json:state required:true enum:a,b`, `form:state json:state required:true enum:a,b`},
		{"meta:json", `gorm:serializer:json;not null json:meta`, `form:meta json:meta`},
		{"https:string?", `gorm:column:https;size:255 json:https maxLength:255`, `form:https json:https maxLength:255`},
		{
			"manual:file", `gorm:size:255;not null json:manual accept:application/pdf,application/zip,text/plain,image/* maxSize:10MiB`,
			`form:manual json:manual`,
		},
		{
			"cover:image", `gorm:size:255;not null json:cover accept:image/png,image/jpeg,image/gif,image/webp maxSize:10MiB`,
			`form:cover json:cover`,
		},
		{"papers:file(pdf,zip)", `gorm:size:255;not null json:papers accept:application/pdf,application/zip maxSize:10MiB`, `form:papers json:papers`},
		{"cover:image(png)", `gorm:size:255;not null json:cover accept:image/png maxSize:10MiB`, `form:cover json:cover`},
		{
			"handle:slug", `gorm:size:255;not null;uniqueIndex json:handle required:true format:slug maxLength:255 unique:posts.handle`,
			`form:handle json:handle required:true format:slug maxLength:255 unique:posts.handle`,
		},
		{"mail:email?", `gorm:size:254 json:mail format:email maxLength:254`, `form:mail json:mail format:email maxLength:254`},
		{"site:url!", `gorm:size:2048;not null json:site required:true format:uri maxLength:2048`, `form:site json:site required:true format:uri maxLength:2048`},
		{"tint:color?", `gorm:size:7 json:tint format:color maxLength:7`, `form:tint json:tint format:color maxLength:7`},
		{"body:markdown?", `json:body format:markdown maxLength:20000`, `form:body json:body format:markdown maxLength:20000`},
		{
			"fee:money(JPY)?", `json:fee doc:In JPY. minimum:-999999999999999 maximum:999999999999999 multipleOf:1`,
			`form:fee json:fee doc:In JPY. minimum:-999999999999999 maximum:999999999999999 multipleOf:1`,
		},
		{"tag:belongs_to:tag", `gorm:not null;index json:tag_id required:true exists:tags.id`, `form:tag_id json:tag_id required:true exists:tags.id`},
		{"tags:many:tag", `gorm:many2many: json:-`, `form:tag_ids json:tag_ids exists:tags.id maxItems:100 uniqueItems:true`},
	} {
		c := columns(t, test.spec)[0]
		if got := join(c.ModelTags()); got != test.model {
			t.Errorf("%s: the model has the tags %s, want %s", test.spec, got, test.model)
		}
		if got := join(c.InputTags()); got != test.input {
			t.Errorf("%s: the input has the tags %s, want %s", test.spec, got, test.input)
		}
	}
}

func join(pairs [][2]string) string {
	list := make([]string, len(pairs))
	for i, pair := range pairs {
		list[i] = pair[0] + ":" + pair[1]
	}
	return strings.Join(list, " ")
}

// Two samples of a column differ, except where there is one value only, and each is valid.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, c := range columns(t, "a:string", "b:text", "c:int", "d:bigint", "e:float", "f:decimal(4,2)", "g:decimal(3,3)", "h:date", "i:time", "j:uuid",
		"k:json", "l:enum(x,y)", "m:email", "n:url", "o:color", "p:money(EUR)", "q:markdown") {
		if one, two := c.Sample(), c.Nth(2).Sample(); one == two || one == "" {
			t.Errorf("%s: the samples are %q and %q", c, one, two)
		}
		if c.Type == field.Date || c.Type == field.Time {
			if at, err := c.SampleLiteral().Time(); err != nil || at.Year() != 2026 {
				t.Errorf("%s: the sample is the time %v, %v", c, at, err)
			}
		}
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	names := scope{"post": true}
	got := []string{names.name("post"), names.name("tagID"), names.name("tagID"), names.name("tagID")}
	if want := []string{"postValue", "tagID", "tagIDValue", "tagIDValueValue"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestLowerFirst(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Post": "post", "HTTPServer": "httpServer", "API": "api", "AuthorID": "authorID", "X": "x", "IPs": "iPs"} {
		if got := LowerFirst(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

// What a generated package declares is known, so that the type of the API representation gives way.
func TestAPIType(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{"Post": "Post", "Admin": "AdminRecord", "Store": "StoreRecord", "FileOutput": "FileOutputRecord"} {
		if got := apiType(model); got != want {
			t.Errorf("%s becomes %s, want %s", model, got, want)
		}
	}
	for model, want := range map[string]string{"Post": "Post", "Number": "NumberRecord", "Unique": "UniqueRecord"} {
		if got := factoryFunc(model); got != want {
			t.Errorf("the factory of %s is %s, want %s", model, got, want)
		}
	}
}

func TestGoTypes(t *testing.T) {
	t.Parallel()
	for _, c := range columns(t, "a:string", "b:text", "c:int", "d:bigint", "e:float", "f:decimal(4,2)", "g:bool", "h:date", "i:time", "j:uuid",
		"k:json", "l:enum(x,y)", "m:file", "n:belongs_to:tag") {
		if c.GoType() == "" {
			t.Errorf("%s has no Go type", c)
		}
	}
}

// Records that are nested in their owner need no check of the parent, which is the user.
func TestParent(t *testing.T) {
	t.Parallel()
	fields := columns(t, "user:belongs_to:user", "post:belongs_to:post", "tag:belongs_to:tag?")
	user, post := &fields[0], &fields[1]
	for _, test := range []struct {
		name                        string
		r                           Resource
		isOwner, checked, asAnAdmin bool
	}{
		{"neither", Resource{Auth: true}, false, false, true},
		{"an owner", Resource{Auth: true, Owner: user}, false, false, false},
		{"an owner and a parent", Resource{Auth: true, Owner: user, Parent: post}, false, true, true},
		{"the owner as parent", Resource{Auth: true, Owner: user, Parent: user}, true, false, false},
		{"no accounts", Resource{Parent: post}, false, false, true},
		{"a choice", Resource{Auth: true, Owner: user, Fields: fields[2:]}, false, false, true},
	} {
		if got := test.r.ParentIsOwner(); got != test.isOwner {
			t.Errorf("%s: ParentIsOwner is %v", test.name, got)
		}
		if got := test.r.ParentChecked(); got != test.checked {
			t.Errorf("%s: ParentChecked is %v", test.name, got)
		}
		if got := test.r.NeedsAdmin(); got != test.asAnAdmin {
			t.Errorf("%s: NeedsAdmin is %v", test.name, got)
		}
	}
}
