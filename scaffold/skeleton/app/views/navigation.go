// Package views contains the layout and shared pages of Covet App.
package views

// link is an entry of the navigation.
type link struct{ Path, Title string }

// navigation are the entries in the header of every page.
func navigation() []link {
	return []link{
		{Path: "/", Title: "Home"},
		{Path: "/contact", Title: "Contact"},
	}
}
