package list_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

// BenchmarkShow reads and renders a list of 50 records.
func BenchmarkShow(b *testing.B) {
	k := newKit(b)
	k.lists.PerPage = 50
	for i := range 50 {
		k.Post(fmt.Sprintf("Post %d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		c, _ := k.Get("/admin/posts", "posts", "")
		if err := k.lists.Show(c); err != nil || k.Pages.Status != http.StatusOK {
			b.Fatal(k.Pages.Status, err)
		}
		if err := k.Pages.Page.Content.Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
