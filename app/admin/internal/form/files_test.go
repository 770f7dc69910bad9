package form_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/problem"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x00\x00\x00\x00:~\x9bU"

// largePNG is the header of an image of 50000×50000 pixels.
const largePNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\b\x00\x00\x00\x00\x6e\xc4\x62\x16"

// upload submits a post with a photo. It returns the status: 303 if it is saved.
func (k *kit) upload(id int64, form url.Values, content string) int {
	k.t.Helper()
	c, w := k.Upload(form, "photo", "Holiday.PNG", content, "posts", "")
	handle := k.forms.Create
	if id != 0 {
		c, w = k.Upload(form, "photo", "Holiday.PNG", content, "posts", key(id))
		handle = k.forms.Update
	}
	k.Pages.Status = 0
	if err := handle(c); err != nil {
		return problem.From(err).Status
	}
	if k.Pages.Status != 0 {
		return k.Pages.Status
	}
	return w.Code
}

// file requests the file of a post.
func (k *kit) file(id int64, field string) (status int, body string) {
	k.t.Helper()
	c, w := k.Get("/", "posts", key(id))
	c.SetParamNames("resource", "key", "field")
	c.SetParamValues("posts", key(id), field)
	if err := k.forms.File(c); err != nil {
		return problem.From(err).Status, ""
	}
	return w.Code, w.Body.String()
}

// A file is uploaded, seen, replaced and removed, and the store keeps none that no record has.
func TestFiles(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	author := &admintest.Author{Name: "Ada"}
	k.Create(author)
	form := url.Values{"title": {"One"}, "status": {"draft"}, "author_id": {key(author.ID)}, "words": {"0"}, "size": {"0"}}
	if status := k.upload(0, form, png+"one"); status != http.StatusSeeOther {
		t.Fatalf("create: %d %s", status, k.Pages.Text(".summary"))
	}
	first := k.saved(1).Photo
	if !strings.HasPrefix(first, "posts/") || !strings.HasSuffix(first, ".png") || !k.Stored(first) {
		t.Fatalf("the key is %q", first)
	}
	page := k.show(1)
	if page.Find(`form[enctype="multipart/form-data"] input[type=file][name=photo][accept="image/png"]`).Length() != 1 ||
		page.Find(`img[src="/admin/posts/1/files/photo"]`).Length() != 1 {
		t.Error("the photo is not shown")
	}
	if hint := k.Pages.Text("#field-photo-hint"); hint != "Accepted: PNG. Up to 1 KB." {
		t.Errorf("hint = %q", hint)
	}
	if strings.Contains(page.Text(), first) {
		t.Error("the page shows the storage key")
	}
	if status, body := k.file(1, "photo"); status != http.StatusOK || body != png+"one" {
		t.Errorf("the file: %d %q", status, body)
	}

	for name, content := range map[string]string{
		"another type": "plain text", "too large": png + strings.Repeat("x", 2000), "too many pixels": largePNG,
	} {
		change := url.Values{"_version": {k.version(1)}, "title": {"Changed"}}
		if status := k.upload(1, change, content); status != http.StatusUnprocessableEntity ||
			k.Pages.Text("#field-photo-error") == "" {
			t.Errorf("%s: %d", name, status)
		}
	}
	change := url.Values{"_version": {k.version(1)}, "title": {""}}
	if status := k.upload(1, change, png+"two"); status != http.StatusUnprocessableEntity || k.saved(1).Photo != first {
		t.Errorf("with another fault: %d", status)
	}
	if !strings.Contains(k.Pages.Text("#field-photo-hint"), "Choose the file again") {
		t.Error("the page does not ask for the file again")
	}
	if status := k.upload(1, url.Values{"_version": {k.version(1)}}, png+"two"); status != http.StatusSeeOther {
		t.Fatalf("replace: %d", status)
	}
	second := k.saved(1).Photo
	if second == first || k.Stored(first) || !k.Stored(second) {
		t.Errorf("after replacing %q by %q", first, second)
	}
	if status := k.update(1, k.version(1), url.Values{"_remove": {"photo"}}); status != http.StatusSeeOther {
		t.Fatalf("remove: %d", status)
	}
	if got := k.saved(1).Photo; got != "" || k.Stored(second) {
		t.Errorf("after removing: %q", got)
	}
	if status, _ := k.file(1, "photo"); status != http.StatusNotFound {
		t.Errorf("no file: %d", status)
	}
}

// Threat: a file of a record, or of a field, that the user may not read or change.
func TestFilesThatAreNotForTheUser(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) { s.ReadOnly = []string{"Photo"} })
	k.Post("One")
	if status := k.upload(1, url.Values{"_version": {k.version(1)}, "title": {"Changed"}}, png); status == http.StatusSeeOther {
		if got := k.saved(1); got.Photo != "" {
			t.Errorf("a read-only field was changed: %q", got.Photo)
		}
	}
	for _, field := range []string{"title", "secret", "nothing", "cover"} {
		if status, _ := k.file(1, field); status != http.StatusNotFound {
			t.Errorf("%s as a file: %d", field, status)
		}
	}
	k.Denies = func(string, any) bool { return true }
	if status, _ := k.file(1, "photo"); status != http.StatusForbidden {
		t.Errorf("of a record that may not be read: %d", status)
	}
}
