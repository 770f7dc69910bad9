// Package views holds the layout, and the pages that belong to no part of Covet App alone.
package views

// link leads to a page.
type link struct{ Path, Title string }

// navigation is what the header of every page leads to.
func navigation() []link {
	return []link{
		{Path: "/", Title: "Home"},
		{Path: "/contact", Title: "Contact"},
	}
}
