package views

import (
	"context"

	"github.com/covetgo/covet/app/web"
)

// maxShown is the number of menu entries that a wide screen shows before the rest moves behind "More".
const maxShown = 5

// split returns the visible entries of the menu, and the rest. The current page is always visible.
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

// current returns the entry of the current page, or false if it has none.
func current(ctx context.Context, links []link) (link, bool) {
	for _, to := range links {
		if web.Current(ctx, to.Path) != "" {
			return to, true
		}
	}
	return link{}, false
}
