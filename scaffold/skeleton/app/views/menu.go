package views

import (
	"context"

	"github.com/covetgo/covet/app/web"
)

// maxShown is how many entries of the menu a wide screen shows before the rest goes behind "More".
const maxShown = 5

// split returns the entries that the menu shows, and the rest. The current page is always shown.
func split(ctx context.Context, links []link) (shown, rest []link) {
	for _, to := range links {
		if len(shown) < maxShown || web.Current(ctx, to.Path) != "" {
			shown = append(shown, to)
		} else {
			rest = append(rest, to)
		}
	}
	return shown, rest
}

// current returns the entry of the page that is shown, or false for a page that has none.
func current(ctx context.Context, links []link) (link, bool) {
	for _, to := range links {
		if web.Current(ctx, to.Path) != "" {
			return to, true
		}
	}
	return link{}, false
}
