// Package browsertest opens the pages of the dev server in a browser. It holds tests only, in a module of its own,
// because nothing else of the command line needs a browser.
package browsertest
