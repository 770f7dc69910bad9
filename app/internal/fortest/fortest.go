// Package fortest marks functions that only tests may call. They have a parameter of the type [Only], which an
// application cannot name, because the package is internal to Covet; package app/apptest, which only tests link, makes
// the value.
package fortest

// Only is the parameter of a function that only tests may call.
type Only struct{}
