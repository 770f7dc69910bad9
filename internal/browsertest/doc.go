// Package browsertest visits the skeleton application with a real browser, as
// its user does: in light and dark, on a desk and on a phone. It holds tests only.
package browsertest
