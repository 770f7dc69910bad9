package ui_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/web/ui"
)

func render(t *testing.T, component templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := component.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		input     ui.Input
		has, lack []string
	}{
		{
			"plain",
			ui.Input{Label: "Your name", Name: "name", Value: "Ada"},
			[]string{`<label for="name">Your name</label>`, `type="text"`, `value="Ada"`},
			[]string{"aria-", "faulty", "hint"},
		},
		{
			"hint and error",
			ui.Input{Label: "Name", Name: "name", Hint: "As you like", Error: "Too long."},
			[]string{
				`class="field faulty"`, `aria-describedby="name-error name-hint"`,
				`aria-invalid="true"`, `id="name-error"`,
			},
			nil,
		},
		{
			"text area",
			ui.Input{Label: "Text", Name: "text", Type: "textarea", Value: "</textarea><script>"},
			[]string{"<textarea", "&lt;/textarea&gt;&lt;script&gt;"},
			[]string{"<script>", "<input"},
		},
		{
			"select",
			ui.Input{
				Label:    "Plan",
				Name:     "plan",
				Type:     "select",
				Value:    "b",
				Required: true,
				Options:  []ui.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}},
			},
			[]string{"<select", `<option value="a">A</option>`, `<option value="b" selected>B</option>`, `aria-required="true"`},
			[]string{"<input"},
		},
		{
			"select that may stay empty",
			ui.Input{Label: "Plan", Name: "plan", Type: "select", Options: []ui.Option{{Value: "a", Label: "A"}}},
			[]string{`<option value=""></option> <option value="a">A</option>`},
			[]string{"selected"},
		},
		{
			"select with an empty option of its own",
			ui.Input{
				Label:   "Plan",
				Name:    "plan",
				Type:    "select",
				Options: []ui.Option{{Value: "", Label: "None"}, {Value: "a", Label: "A"}},
			},
			[]string{`<option value="" selected>None</option>`},
			[]string{`<option value=""></option>`},
		},
		{
			"number",
			ui.Input{Label: "Price", Name: "price", Type: "number", Value: "1.5", Required: true},
			[]string{`type="number"`, `step="any"`, `value="1.5"`, `aria-required="true"`},
			nil,
		},
		{
			"date and time",
			ui.Input{Label: "At", Name: "at", Type: "datetime-local", Value: "2026-01-02T03:04", Hint: "UTC"},
			[]string{`type="datetime-local"`, `value="2026-01-02T03:04"`, `aria-describedby="at-hint"`},
			nil,
		},
		{
			"file",
			ui.Input{
				Label:  "Cover",
				Name:   "cover",
				Type:   "file",
				Value:  "cover/a.png",
				Accept: "image/png,image/jpeg",
				Error:  "Too large.",
			},
			[]string{`type="file"`, `accept="image/png,image/jpeg"`, `aria-describedby="cover-error"`, `aria-invalid="true"`},
			[]string{"value="},
		},
		{
			"checkboxes",
			ui.Input{
				Label: "Tags", Name: "tag_ids", Type: "checkboxes", Values: []string{"2"}, Hint: "Any",
				Error: "Too many.", Required: true,
				Options: []ui.Option{{Value: "1", Label: "Go"}, {Value: "2", Label: "<script>"}},
			},
			[]string{
				`<fieldset class="field group faulty" id="tag_ids" tabindex="-1" aria-describedby="tag_ids-error tag_ids-hint">`,
				"<legend>Tags</legend>",
				`<label for="tag_ids-1"><input id="tag_ids-1" name="tag_ids" type="checkbox" value="1"> Go</label>`,
				`id="tag_ids-2" name="tag_ids" type="checkbox" value="2" checked>`, `id="tag_ids-error"`,
			},
			[]string{"aria-required", "aria-invalid", "<script>", "nothing to choose"}, // not for groups
		},
		{
			"checkboxes without options",
			ui.Input{Label: "Tags", Name: "tag_ids", Type: "checkboxes"},
			[]string{"nothing to choose from"},
			[]string{"<input", "aria-"},
		},
		{
			"checkbox",
			ui.Input{Label: "Remember me", Name: "remember", Type: "checkbox", Value: "true"},
			[]string{`type="checkbox"`, `value="true"`, "checked"},
			[]string{`type="text"`},
		},
		{
			"attack",
			ui.Input{Label: `"><script>`, Name: "x", Value: `"><script>`, Hint: "<script>", Error: "<script>"},
			nil,
			[]string{"<script>"},
		},
	}
	for _, tt := range tests {
		html := render(t, ui.Field(tt.input))
		for _, part := range tt.has {
			if !strings.Contains(html, part) {
				t.Errorf("%s: %s is missing in\n%s", tt.name, part, html)
			}
		}
		for _, part := range tt.lack {
			if strings.Contains(html, part) {
				t.Errorf("%s: %s should not be in\n%s", tt.name, part, html)
			}
		}
	}
}

func TestErrorSummary(t *testing.T) {
	t.Parallel()
	if html := render(t, ui.ErrorSummary([]ui.Input{{Name: "a"}})); html != "" {
		t.Errorf("a summary of no errors: %s", html)
	}
	html := render(t, ui.ErrorSummary([]ui.Input{{Name: "a", Label: "A", Error: "Wrong."}, {Name: "b"}}))
	if !strings.Contains(html, `<a href="#a">A</a>: Wrong.`) || !strings.Contains(html, "One field") {
		t.Errorf("summary = %s", html)
	}
}
