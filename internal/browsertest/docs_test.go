package browsertest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
)

type memo struct {
	Title string   `json:"title" required:"true" maxLength:"20" doc:"what the note is about"`
	Kind  string   `json:"kind,omitempty" enum:"idea,task"`
	Tags  []string `json:"tags,omitempty" maxItems:"3"`
}

type noteInput struct {
	ID    int64    `path:"id" minimum:"1"`
	Draft string   `query:"draft" enum:"yes,no"`
	Lang  []string `query:"lang"`
	Body  memo
}

type noteOutput struct {
	Body struct {
		ID   int64    `json:"id"`
		Lang []string `json:"lang"`
		memo
	}
}

type uploadInput struct {
	api.Actor
	Body struct {
		Title string   `json:"title" required:"true"`
		Image api.File `json:"image" required:"true" accept:"image/png"`
	}
}

// notes adds endpoints with everything that the page has to show.
func notes(a *covet.App) {
	api.Put(a, "/notes/{id}", func(_ context.Context, in *noteInput) (*noteOutput, error) {
		out := &noteOutput{}
		out.Body.ID, out.Body.Lang, out.Body.memo = in.ID, in.Lang, in.Body
		return out, nil
	}, api.Summary("Change a note"), api.Description("Overwrites what the note says.\n\nNothing is kept of it."))
	api.Post(a, "/notes/{id}/image", func(context.Context, *struct {
		ID int64 `path:"id"`
		uploadInput
	},
	) (*struct{}, error) {
		return nil, nil
	}, api.Summary("Add a picture"), api.Permission("notes.update"), api.Deprecated())
}

// The page about the API is readable in every look, and its forms send requests
// to the application and nowhere else, under the strict policy.
func TestDocs(t *testing.T) {
	t.Parallel()
	a := develop(t)
	notes(a)
	url := a.LocalURL()
	inLooks(t, func(t *testing.T, b *browser) {
		b.visit(url + "/docs")
		b.colours()
		b.inspect("docs")
		operation := "#putNotesById "
		b.run(
			chromedp.Click(chromedp.CSS(operation+"summary")),
			chromedp.WaitVisible(chromedp.CSS(operation+"button")),
			chromedp.SendKeys(chromedp.CSS("#putNotesById-path-id"), "7"),
			chromedp.SendKeys(chromedp.CSS("#putNotesById-query-lang"), "de, en"),
			chromedp.SetValue(chromedp.CSS("#putNotesById-body"), `{"title":"Ada","kind":"idea"}`),
			chromedp.Click(chromedp.CSS(operation+"button")),
			chromedp.WaitVisible(chromedp.CSS(operation+".success")),
		)
		if got := b.text(operation + ".answer pre:last-child"); got != `{ "id": 7, "lang": [ "de", "en" ], "title": "Ada", "kind": "idea" }` {
			t.Errorf("the answer is %s", got)
		}
		b.run(
			chromedp.SetValue(chromedp.CSS("#putNotesById-body"), `{"title":""}`),
			chromedp.Click(chromedp.CSS(operation+"button")),
			chromedp.WaitVisible(chromedp.CSS(operation+".failure")),
		)
		if got := b.text(operation + ".answer"); !strings.Contains(got, "422") || !strings.Contains(got, `"/title"`) {
			t.Errorf("the answer is %s", got)
		}
		b.inspect("docs-tried")
		foreign := ask(b, chromedp.Evaluate[[]string](`performance.getEntriesByType("resource").map(e => e.name).filter(name => !name.startsWith(location.origin + "/"))`))
		if len(foreign) > 0 {
			t.Errorf("the page asks %q", foreign)
		}
		b.quiet("/api/notes/7?lang=de&lang=en")
	})
}
