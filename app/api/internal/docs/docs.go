// Package docs is the page about an API, generated from its OpenAPI document: the inputs and outputs of the endpoints,
// and a form to try each. The application serves all its files, under the strict Content-Security-Policy.
package docs

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/style"
)

//go:embed assets
var embedded embed.FS

// Prefix is the path prefix of the page's files.
const Prefix = "/docs/assets/"

// NewAssets returns the stylesheet and the script of the page.
func NewAssets() *web.Assets {
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // only for an invalid path
	}
	return web.MustAssets(style.With(files, "docs.css"), Prefix)
}

// group contains the operations with one tag.
type group struct {
	tag        string
	operations []*huma.Operation
}

// groups returns the operations by their first tag, in the order of the document.
func groups(doc *huma.OpenAPI) []group {
	var list []group
	for _, tag := range doc.Tags {
		list = append(list, group{tag: tag.Name})
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for i := range list {
				if len(op.Tags) > 0 && list[i].tag == op.Tags[0] {
					list[i].operations = append(list[i].operations, op)
				}
			}
		}
	}
	return slices.DeleteFunc(list, func(g group) bool { return len(g.operations) == 0 })
}

// response is one response of an operation, by status.
type response struct {
	status string
	*huma.Response
}

func responses(op *huma.Operation) []response {
	var list []response
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		list = append(list, response{status, op.Responses[status]})
	}
	return list
}

// media returns the displayed media type of a body, preferring JSON, and its schema.
func media(content map[string]*huma.MediaType) (string, *huma.Schema) {
	for _, name := range []string{"application/json", "multipart/form-data"} {
		if m := content[name]; m != nil {
			return name, m.Schema
		}
	}
	for _, name := range slices.Sorted(maps.Keys(content)) {
		return name, content[name].Schema
	}
	return "", nil
}

func mediaTypes(content map[string]*huma.MediaType) string {
	return strings.Join(slices.Sorted(maps.Keys(content)), ", ")
}

func failing(status string) bool { return status >= "400" } // "default" too

// errorSchema returns the schema of the errors of an operation.
func errorSchema(op *huma.Operation) *huma.Schema {
	if r := op.Responses["default"]; r != nil {
		_, s := media(r.Content)
		return s
	}
	return nil
}

// secured describes the authentication of an operation, or returns "".
func secured(op *huma.Operation) string {
	permission, _ := op.Extensions["x-permission"].(string)
	switch {
	case permission != "":
		return "Sign in, or send an access token, with the permission " + permission + "."
	case len(op.Security) == 0:
		return ""
	case len(op.Security[0]) == 0:
		return "Tells more to who is signed in, or sends an access token."
	}
	return "Sign in, or send an access token."
}

func hasSecurity(doc *huma.OpenAPI) bool { return len(doc.Components.SecuritySchemes) > 0 }

// scheme returns the scheme of the Authorization header that an operation takes.
func scheme(op *huma.Operation) string {
	if name, ok := op.Extensions["x-authorization-scheme"].(string); ok {
		return name
	}
	return "Bearer"
}

// schemes returns the schemes of all secured operations.
func schemes(doc *huma.OpenAPI) []string {
	var names []string
	for _, g := range groups(doc) {
		for _, op := range g.operations {
			if len(op.Security) > 0 && !slices.Contains(names, scheme(op)) {
				names = append(names, scheme(op))
			}
		}
	}
	slices.Sort(names)
	return names
}

// curl returns a command that sends the request from a terminal.
func curl(doc *huma.OpenAPI, op *huma.Operation) string {
	var b strings.Builder
	b.WriteString("curl")
	if op.Method != http.MethodGet {
		b.WriteString(" -X " + op.Method)
	}
	server := ""
	if len(doc.Servers) > 0 {
		server = doc.Servers[0].URL
	}
	b.WriteString(" '" + server + op.Path + "'")
	if len(op.Security) > 0 {
		b.WriteString(" \\\n  -H 'Authorization: " + scheme(op) + " TOKEN'")
	}
	if op.RequestBody == nil {
		return b.String()
	}
	switch name, s := media(op.RequestBody.Content); name {
	case "application/json":
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d '" +
			strings.ReplaceAll(example(doc, s), "'", `'\''`) + "'")
	case "multipart/form-data":
		for _, f := range fields(doc, s) {
			if f.file {
				b.WriteString(" \\\n  -F '" + f.name + "=@FILE'")
			} else {
				b.WriteString(" \\\n  -F '" + f.name + "=…'")
			}
		}
	}
	return b.String()
}

// id returns the id of an element for a text.
func id(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, strings.Join(parts, "-"))
}

func text(value any) string { return fmt.Sprint(value) }
