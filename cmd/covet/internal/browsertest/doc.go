// Package browsertest tests the pages of the dev server in a browser. It contains only tests, in a separate module,
// because nothing else of the command line needs a browser.
package browsertest
