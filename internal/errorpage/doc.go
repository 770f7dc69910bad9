// Package errorpage is what error pages for developers are made of: the layout, source excerpts with links into an
// editor, stacks with the developer's own code first, output and log lines. The dev server shows with it what
// keeps the application from running, and the application's kernel what went wrong in a request.
//
//	@errorpage.Layout(errorpage.Document{Title: "The application does not compile"}) {
//		@errorpage.Source(reader.Excerpt("app/routes.go", 12, 5))
//	}
//
// Pages need nothing but themselves: styles are inline, under a nonce. Everything that is shown is escaped by templ.
package errorpage
