// Package ui contains templ components for pages: form fields with label, hint and error, error summaries, and links
// between pages of a list.
//
//	<form method="post" action="/contact" class="stack" novalidate>
//		@ui.ErrorSummary(inputs)
//		for _, in := range inputs {
//			@ui.Field(in)
//		}
//		<div><button class="button">Send message</button></div>
//	</form>
//
// The components have class names and no styles; the surrounding stylesheet styles them.
package ui
