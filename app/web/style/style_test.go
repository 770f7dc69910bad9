package style_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/web/style"
)

// A new application begins with the tokens of Covet's own pages.
func TestApplicationHasTheSameTokens(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("../../../scaffold/skeleton/app/assets/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(style.Tokens, string(own)); diff != "" {
		t.Errorf("copy app/web/style/tokens.css to the skeleton (-library +skeleton):\n%s", diff)
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	files := style.With(fstest.MapFS{"a.css": {Data: []byte("a{}")}, "b.css": {Data: []byte("b{}")}}, "a.css")
	for name, want := range map[string]string{"a.css": style.Tokens + "\na{}", "b.css": "b{}"} {
		if got, err := fs.ReadFile(files, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := fs.ReadFile(files, "c.css"); err == nil {
		t.Error("a file that does not exist was read")
	}
	if entries, err := fs.ReadDir(files, "."); err != nil || len(entries) != 2 {
		t.Errorf("entries = %v, %v", entries, err)
	}
}

// Every colour is defined once for both schemes, so no page needs one of its own.
func TestTokensAreComplete(t *testing.T) {
	t.Parallel()
	for _, page := range []string{
		"../../../scaffold/skeleton/app/assets/css/app.css", "../../../internal/errorpage/page.css",
		"../../admin/internal/views/files/admin.css", "../../api/internal/docs/assets/docs.css",
	} {
		content, err := os.ReadFile(page) //nolint:gosec // a stylesheet of this repository
		if err != nil {
			t.Fatal(err)
		}
		for use := range strings.SplitSeq(string(content), "var(--") {
			name, _, _ := strings.Cut(use, ")")
			if strings.ContainsAny(name, "{}:; ") {
				continue // before the first use
			}
			if !strings.Contains(style.Tokens, "--"+name+":") && !strings.Contains(string(content), "--"+name+":") {
				t.Errorf("%s uses --%s, which is not defined", page, name)
			}
		}
	}
}
