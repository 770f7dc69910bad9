// Package middleware contains the stateless echo middleware of every Covet application, in the order in which the
// kernel installs it:
//
//	e := echo.New()
//	e.Pre(middleware.Request(proxies))       // request id and CSP nonce
//	e.Pre(middleware.AccessLog(log))         // one line a request
//	e.Pre(middleware.Gzip())                 // compression
//	e.Pre(middleware.Recover())              // a panic becomes a problem
//	e.Pre(middleware.SecureHeaders(headers)) // CSP and its relatives
//	e.Pre(crossOrigin)                       // middleware.CrossOrigin(origins...)
//	e.Pre(middleware.BodyLimit(10 << 20))
//
// All of them are safe for concurrent use. The kernel installs them; use them yourself only with an echo server of your
// own.
package middleware
