// Package ui holds what pages are made of, as templ components: the fields of forms, with label, hint and error.
//
//	<form method="post" action="/contact" class="stack" novalidate>
//		@ui.ErrorSummary(inputs)
//		for _, in := range inputs {
//			@ui.Field(in)
//		}
//		<div><button class="button">Send message</button></div>
//	</form>
//
// The components carry class names and no style: the look is that of the stylesheet around them.
package ui
