// Package text translates the texts that users read, and formats dates, times and numbers for them.
//
// Texts live beside the code that shows them, in one YAML file per language, and have keys:
//
//	# texts/en.yaml
//	title: Sessions
//	count:
//	  one: You are signed in on one device.
//	  other: You are signed in on {n} devices.
//	seen: Last seen {at, relative}
//
// A [Set] loads them, and [Set.T] returns a text in the language of the context:
//
//	//go:embed texts/*.yaml
//	var files embed.FS
//
//	var texts = text.MustLoad("auth", files, "texts")
//
//	texts.T(ctx, "count", "n", len(sessions))
//	texts.T(ctx, "seen", "at", session.LastSeenAt)
//
// # Files
//
// Keys may be nested; "errors:" with "taken:" below it is the key "errors.taken". A mapping with the keys of plural forms
// (zero, one, two, few, many, other, and "=0" for exactly zero) is one text; "other" is required. The number is the
// argument n, or else the only argument of the form other. The forms that a language needs are those of CLDR: German has
// one and other, Polish one, few, many and other.
//
// {name} inserts an argument: text as it is, numbers and dates in the format of the language. A style after a comma
// changes the format: {at, date}, {at, time}, {at, relative}, {names, list}. {{ and }} are braces. In right-to-left
// languages inserted texts are isolated, so that they do not change the order of the sentence.
//
// # Languages
//
// A [Catalogue] contains the languages of an application. It is read from the application's own files, which add texts,
// languages and other wordings of the library's texts, under the name of their set ("auth.count"). [Catalogue.Match]
// selects the locale of a request, and [WithLocale] adds it to a context. A text that a language lacks is shown in the
// default language, and then in English. Without a locale, texts are English and times are UTC.
package text
