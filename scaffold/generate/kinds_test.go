package generate_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
	"github.com/covetgo/covet/scaffold/insert"
)

var update = flag.Bool("update", false, "write the golden files")

// now is the version of migrations in tests.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// kindCases are command lines, each after those that it builds on.
var kindCases = []struct {
	name   string
	before []string
	line   string
	needs  []scaffold.Battery
}{
	{
		name: "resource", before: []string{"resource tag name:string!"},
		line: "resource post title:string! body:text slug:string:unique published_at:time? tags:many:tag price:decimal(10,2) " +
			"status:enum(draft,live) cover:image manual:file related:belongs_to:post?",
	},
	{
		name: "formats",
		line: "resource article handle:slug title:string! contact:email? site:url tint:color:default=#1f6f5c shade:color? price:money(EUR) " +
			"body:markdown manual:file(pdf,zip)",
	},
	{name: "model", line: "model tag name:string!:unique price:decimal(10,2)"},
	{name: "api", line: "api tag name:string!", needs: []scaffold.Battery{scaffold.API}},
	{name: "api_of_model", before: []string{"model tag name:string!"}, line: "api tag", needs: []scaffold.Battery{scaffold.API}},
	{name: "api_of_written_model", line: "api message name:string!", needs: []scaffold.Battery{scaffold.API}},
	{name: "admin", before: []string{"model tag name:string!"}, line: "admin tag", needs: []scaffold.Battery{scaffold.Admin}},
	{name: "policy", before: []string{"model note body:text author:belongs_to:user"}, line: "policy note", needs: []scaffold.Battery{scaffold.Auth}},
	{name: "policy_without_owner", line: "policy message", needs: []scaffold.Battery{scaffold.Auth}},
	{name: "migration_add", before: []string{"model tag name:string!"}, line: "migration add_rating_to_tags rating:int"},
	{name: "migration_remove", line: "migration RemoveBodyFromMessages body:text"},
	{name: "migration_create", line: "migration create-votes value:int"},
	{name: "migration", line: "migration backfill_slugs"},
	{name: "page", line: "page about-us"},
	{name: "page_in_section", before: []string{"page about-us"}, line: "page legal/imprint"},
	{name: "job", line: "job send_report user_id:bigint month:date total:decimal(10,2) note:string at:time"},
	{name: "job_without_fields", line: "job sweep"},
	{name: "mail", line: "mail welcome name:string visits:int"},
	{name: "mail_without_fields", line: "mail goodbye"},
	{name: "module", line: "module billing"},
	{name: "command", line: "command send-digest days:int since:date at:time note:string"},
	{name: "command_without_fields", line: "command sweep"},
	{name: "seed", line: "seed user", needs: []scaffold.Battery{scaffold.Auth}},
}

// kindVariants are applications that differ in what generators ask about.
var kindVariants = map[string]scaffold.Options{
	"default":       {Name: "blog"},
	"without_auth":  {Name: "blog", Without: []scaffold.Battery{scaffold.Auth}},
	"without_admin": {Name: "blog", Without: []scaffold.Battery{scaffold.Admin}},
	"without_api":   {Name: "blog", Without: []scaffold.Battery{scaffold.API}},
	"bare":          {Name: "blog", Without: scaffold.Batteries()},
	"mysql":         {Name: "blog", Databases: []scaffold.Dialect{scaffold.MySQL}},
	"everything":    {Name: "blog", Databases: scaffold.Dialects()},
}

// defaultApplication is planned once for all tests: rendering the skeleton takes longer than writing it.
var defaultApplication = sync.OnceValues(func() (*scaffold.Project, error) {
	return scaffold.Plan(scaffold.Options{Name: "blog"})
})

// newBlog writes the application of the default options and returns its folder.
func newBlog(t *testing.T) string {
	t.Helper()
	made, err := defaultApplication()
	if err != nil {
		t.Fatal(err)
	}
	return writeApplication(t, made)
}

// newApplication writes an application and returns its folder.
func newApplication(t *testing.T, opts scaffold.Options) string {
	t.Helper()
	made, err := scaffold.Plan(opts)
	if err != nil {
		t.Fatal(err)
	}
	return writeApplication(t, made)
}

func writeApplication(t *testing.T, made *scaffold.Project) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range made.Files {
		place := filepath.Join(root, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(place), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, f.Content, f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// plan says what a command line means in the application of a folder.
func plan(root, line string) (*generate.Change, error) {
	project, err := generate.Open(root)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(line)
	kind, err := generate.Find(words[0])
	if err != nil {
		return nil, err
	}
	return project.Generate(kind, words[1], words[2:], generate.Flags{Now: now})
}

// run generates in the application of a folder.
func run(t *testing.T, root string, lines ...string) *generate.Change {
	t.Helper()
	var change *generate.Change
	for _, line := range lines {
		var err error
		if change, err = plan(root, line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := change.Write(false); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return change
}

// snapshot reads every file of a folder.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(place string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(place)
		files[strings.TrimPrefix(place, root)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestKindsInEveryVariant(t *testing.T) {
	t.Parallel()
	for variant, opts := range kindVariants {
		made, err := scaffold.Plan(opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range kindCases {
			t.Run(variant+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				root := writeApplication(t, made)
				if !offers(made, test.needs) {
					if _, err := plan(root, test.line); err == nil {
						t.Error("it does not say what the application lacks")
					}
					return
				}
				run(t, root, test.before...)
				before := snapshot(t, root)
				change, err := plan(root, test.line)
				if err != nil {
					t.Fatal(err)
				}
				if variant == "default" {
					golden(t, test.name, describe(change, strings.HasPrefix(test.name, "api")))
				}
				checkInsertions(t, change)
				if err := change.Write(false); err != nil {
					t.Fatal(err)
				}
				checkAgain(t, root, test.line)
				checkDestroy(t, root, test.line, before)
			})
		}
	}
}

// offers reports whether an application has what a kind needs.
func offers(made *scaffold.Project, needs []scaffold.Battery) bool {
	return !slices.ContainsFunc(needs, func(battery scaffold.Battery) bool { return !slices.Contains(made.Batteries, battery) })
}

func checkInsertions(t *testing.T, change *generate.Change) {
	t.Helper()
	for _, insertion := range change.Insertions {
		if insertion.Outcome != insert.Done {
			t.Errorf("%s %s: outcome %v", insertion.Code, insertion.Hint, insertion.Outcome)
		}
	}
}

// checkAgain runs a command line a second time, later.
func checkAgain(t *testing.T, root, line string) {
	t.Helper()
	again, err := plan(root, line)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range again.Files {
		if f.Status != generate.Same {
			t.Errorf("again: %s %s\n%s", f.Status, f.Path, f.Diff())
		}
	}
}

// checkDestroy takes a command line back, after which everything is as it was before.
func checkDestroy(t *testing.T, root, line string, before map[string]string) {
	t.Helper()
	project, err := generate.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(line)
	kind, err := generate.Find(words[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := project.Destroy(kind, words[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := back.Write(false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Errorf("after destroy (-before, +after):\n%s", diff)
	}
}

// describe is a change as text: new files as they are, or their names only, and others as differences. What is generated
// from views and the record are always named only.
func describe(change *generate.Change, namesOnly bool) string {
	var b bytes.Buffer
	for _, f := range change.Files {
		fmt.Fprintf(&b, "-- %s %s --\n", f.Status, f.Path)
		switch {
		case strings.HasSuffix(f.Path, "_templ.go"), strings.HasPrefix(f.Path, ".covet/"), namesOnly && f.Status == generate.Create:
		case f.Status == generate.Create:
			b.Write(f.After)
		default:
			b.WriteString(f.Diff())
		}
	}
	for _, note := range change.Notes {
		b.WriteString("-- note --\n" + note + "\n")
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "kinds", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want, +got); -update writes it:\n%s", file, diff)
	}
}

func TestKindsRefuse(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	run(t, root, "model tag name:string!", "resource post title:string!", "job sweep", "page about-us", "policy tag")
	for line, want := range map[string]string{
		"api tag title:string":                    "generated with other fields",
		"api message":                             "was not generated",
		"api post":                                "was generated with resource post",
		"api user email:string":                   `"user" cannot be the name of a resource`,
		"admin taag":                              `there is no model "taag"`,
		"admin post":                              "was generated with its admin",
		"admin message":                           "already in the admin",
		"admin tag name:string":                   "has no fields",
		"policy post":                             "was generated with its policy",
		"policy nothing":                          `there is no model "nothing"`,
		"policy tag x:int":                        "has no fields",
		"migration add_x rating:int":              "does not determine what to do with the fields",
		"migration create_messages x:int":         "already has that name",
		"migration add_b_to_tags b:belongs_to:no": "there is no model No",
		"migration add_d_to_tags d:date":          "existing rows need a value",
		"migration 1st":                           "does not start with a letter",
		"migration x rating:strng":                "reading field",
		"page admin/things":                       "belong to Covet",
		"page contact":                            "already has the route /contact",
		"page posts":                              "already has the route /posts",
		"page a/b/c":                              "more than one slash",
		"page a//b":                               "it is empty",
		"page ../etc":                             "other than letters",
		"page load-test":                          "only for tests",
		"page about title:string":                 "has no fields",
		"job notify_team":                         "already declares NotifyTeam",
		"job deps":                                "already declares Deps",
		"job start_linux":                         "only for linux",
		"job send to:belongs_to:user":             "no fields of type belongs_to",
		"job send to:string!":                     "are not stored",
		"job send to:email":                       "no fields of type email",
		"migration add_s_to_tags s:slug":          "add it as a string with ?",
		"job send kind:enum(a,b)":                 "no fields of type enum",
		"job über":                                "other than letters",
		"mail notify_team":                        "already declares NotifyTeam",
		"job send work:string":                    "every job already has a work",
		"mail send message:text":                  "every mail already has a message",
		"mail 2nd":                                "does not start with a letter",
		"module contact":                          "already exists",
		"module admin":                            "is the name of another package",
		"module type":                             "reserves the package name type",
		"module main":                             "reserves the package name main",
		"module posts":                            "already exists",
		"module login":                            "belong to Covet",
		"module x a:int":                          "has no fields",
		"command serve":                           "has a command serve already",
		"command all":                             "already declares All",
		"command x help:bool":                     "every command already has a help",
		"command x file:file":                     "no fields of type file",
		"seed message":                            "has no function Message",
		"seed nothing":                            `there is no model "nothing"`,
		"seed post":                               "was generated with its seed",
		"seed user x:int":                         "has no fields",
		"model post title:string!":                "belongs to the generated resource post",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			if _, err := plan(root, line); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q in it", err, want)
			}
		})
	}
}

// What is refused comes with something that is not.
func TestKindsSuggest(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"job notify_team": "Try: notify_team_job", "job load-test": "Try: load_test_job", "job 1st_thing": "Try: st_thing",
		"job !!!": "Try: job_of_the_day", "module type": "Try: type_module", "page contact": "Try: contact_page",
		"command serve": "Try: serve_command", "job send to:belongs_to:user": "Use its key: to_id:bigint",
		"job send to:string!": "Write: to:string",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			_, err := plan(newBlog(t), line)
			refused, ok := err.(*generate.UsageError) //nolint:errorlint // nothing is wrapped around it
			if !ok || refused.Hint != want {
				t.Errorf("%#v, want the hint %q", err, want)
			}
		})
	}
}

// The model goes last.
func TestDestroyKeepsWhatOthersBuildOn(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	run(t, root, "model tag name:string!", "api tag")
	project, err := generate.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	kind, err := generate.Find("model")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := project.Destroy(kind, "tag"); err == nil || !strings.Contains(err.Error(), "is required by api tag") {
		t.Errorf("the model can be destroyed: %v", err)
	}
}

// A file that several pages have in common goes with the last of them.
func TestDestroyKeepsSharedFiles(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	run(t, root, "page about-us")
	run(t, root, "page legal/imprint")
	kind, err := generate.Find("page")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"about-us", "legal/imprint"} {
		project, err := generate.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		change, err := project.Destroy(kind, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := change.Write(false); err != nil {
			t.Fatal(err)
		}
		_, err = os.Stat(filepath.Join(root, "app", "pages", "doc.go"))
		if there := err == nil; there != (i == 0) {
			t.Errorf("after %s is gone, doc.go is there: %v", name, there)
		}
	}
}

// Resources whose package is called like one of Go, of Covet or of the application compile all the same, in the
// application that has them all.
func TestNamesOfPackages(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	for _, name := range []string{"error", "string", "time", "url", "context", "form", "page", "value", "job", "byte", "slice"} {
		fields := []string{"title:string!", "body:text", "slug:string:unique", "at:time?", "amount:decimal(10,2)", "author:belongs_to:user"}
		change, err := tryGenerate(t, dir, "resource", name, fields, generate.Flags{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		write(t, change)
	}
}
