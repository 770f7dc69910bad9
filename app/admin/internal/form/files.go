package form

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/web"
)

// removeField is the name of the checkboxes that remove files. Its values are columns.
const removeField = "_remove"

// File answers the request for a file of a record.
//
// Threat: the file of a record, or of a field, that the user may not read.
func (f *Forms) File(c echo.Context) error {
	r, record, err := f.requestedRecord(c)
	if err != nil {
		return err
	}
	field := r.Column(c.Param("field"))
	if field == nil || field.Kind != meta.File {
		return problem.NotFound("")
	}
	key := field.Text(field.Value(c.Request().Context(), record))
	if key == "" {
		return problem.NotFound("")
	}
	return web.ServeFile(c, f.Files, key)
}

// rulesOf returns what may be uploaded into the fields of a form.
func rulesOf(r *meta.Resource) map[string]upload.Rule {
	rules := map[string]upload.Rule{}
	for _, field := range fieldsOf(r) {
		if field.Kind == meta.File && !field.ReadOnly && field.Visible() {
			rules[field.Column] = field.Upload
		}
	}
	return rules
}

// storeFiles stores the files that were uploaded, before the transaction: storing takes long. Faulty ones, and those of
// a request that saves nothing, are left out.
func (e *edit) storeFiles(ctx context.Context) error {
	if len(e.errs) > 0 || e.form.Has("_lookup") {
		return nil
	}
	for column, file := range e.uploads {
		content, err := file.Open()
		if err != nil {
			return fmt.Errorf("storing the upload %q: %w", file.Name, err)
		}
		key := storage.NewKey(e.resource.Name, file.Name)
		err = e.Files.Put(ctx, key, content)
		_ = content.Close() // it was only read
		if err != nil {
			return fmt.Errorf("storing the upload %q: %w", file.Name, err)
		}
		e.stored[column] = key
	}
	return nil
}

// settleFiles deletes the files that no record has: after a failure those that were stored, otherwise those that were
// replaced. A file that cannot be deleted is logged: the record is saved or not all the same.
func (e *edit) settleFiles(ctx context.Context, failure error) {
	ctx = context.WithoutCancel(ctx) // a client that went away is no reason to keep them
	var unused []string
	for column, key := range e.stored {
		if failure != nil || !slices.Contains(e.after[column], key) {
			unused = append(unused, key)
		}
	}
	if failure == nil {
		unused = append(unused, e.replaced...)
	}
	for _, key := range unused {
		if err := e.Files.Delete(ctx, key); err != nil {
			e.Log.WarnContext(ctx, "deleting a file failed", "key", key, "error", err.Error())
		}
	}
}

// sentFile returns the key that a form gives a field with a file: that of a new file, or none.
func (e *edit) sentFile(f *meta.Field) ([]string, bool) {
	if key, ok := e.stored[f.Column]; ok {
		return []string{key}, true
	}
	if slices.Contains(e.form[removeField], f.Column) {
		return []string{""}, true
	}
	return nil, false
}

// fillFile fills in a control with a file.
func (f *Forms) fillFile(ctx context.Context, e *edit, field *meta.Field, c *views.Control) {
	c.Type, c.Accept = "file", strings.Join(field.Upload.Accept, ",")
	c.Hint = strings.TrimSpace(c.Hint + " " + allowed(ctx, field.Upload))
	if _, again := e.uploads[field.Column]; again {
		c.Hint += " " + words.T(ctx, "file.again")
	}
	f.showFile(ctx, e, field, c)
	c.Removable = c.Link != "" && !c.Required
}

// showFile fills in where the file of a record is, and whether it is a picture.
func (f *Forms) showFile(ctx context.Context, e *edit, field *meta.Field, c *views.Control) {
	key := field.Text(field.Value(ctx, e.record))
	if key == "" {
		return
	}
	c.Value = field.FileName(ctx, key)
	c.Link = f.Registry.FilePath(e.resource, e.resource.KeyOf(ctx, e.record), field)
	c.Image = field.Pictured(key)
}

// allowed says which files a field takes.
func allowed(ctx context.Context, rule upload.Rule) string {
	var sentences []string
	if len(rule.Accept) > 0 {
		names := make([]string, len(rule.Accept))
		for i, accepted := range rule.Accept {
			names[i] = typeName(ctx, accepted)
		}
		sentences = append(sentences, words.T(ctx, "file.types", "types", strings.Join(names, ", ")))
	}
	if rule.MaxSize() > 0 {
		sentences = append(sentences, words.T(ctx, "file.size", "size", text.Bytes(rule.MaxSize())))
	}
	return strings.Join(sentences, " ")
}

// typeName writes a media type for users: "image/png" is PNG.
func typeName(ctx context.Context, mediaType string) string {
	family, name, _ := strings.Cut(strings.TrimSpace(mediaType), "/")
	if name == "*" {
		return words.T(ctx, "file.any_of", "family", family)
	}
	return strings.ToUpper(strings.TrimPrefix(name, "x-"))
}
