// Command baseline answers the pages of the skeleton without Covet: with bare
// echo, or with net/http alone.
//
//	baseline echo 127.0.0.1:18081
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/scaffold/skeleton/app/views"
)

type status struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

func main() {
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(kind, address string) error {
	handler := netHTTP()
	if kind == "echo" {
		handler = bareEcho()
	}
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func bareEcho() http.Handler {
	e := echo.New()
	e.GET("/api/status", func(c echo.Context) error {
		return c.JSON(http.StatusOK, status{"Covet App", "ok"})
	})
	e.GET("/", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/html; charset=utf-8")
		return views.Home(templ.NopComponent).Render(context.Background(), c.Response())
	})
	return e
}

func netHTTP() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(status{"Covet App", "ok"}) // the load generator notices
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = views.Home(templ.NopComponent).Render(r.Context(), w)
	})
	return mux
}
