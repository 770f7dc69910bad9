package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Both kinds of endpoints answer the same.
func TestSameAnswers(t *testing.T) {
	t.Parallel()
	a, err := newApp()
	if err != nil {
		t.Fatal(err)
	}
	for method, paths := range map[string][]string{http.MethodGet: {"/api/posts/7", "/plain/posts/7", "/bare/posts/7"}, http.MethodPost: {"/api/posts", "/plain/posts"}} {
		var first string
		for _, path := range paths {
			w := httptest.NewRecorder()
			a.Echo.ServeHTTP(w, request(method, path))
			if first == "" {
				first = w.Body.String()
			}
			if w.Code != http.StatusOK || w.Body.String() != first {
				t.Errorf("%s %s: %d %s, want %s", method, path, w.Code, w.Body, first)
			}
		}
	}
}

func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	if method == http.MethodPost {
		r = httptest.NewRequest(method, path, strings.NewReader(example))
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func BenchmarkEndpoint(b *testing.B) {
	a, err := newApp()
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct{ name, method, path string }{
		{"GET/typed", http.MethodGet, "/api/posts/7"},
		{"GET/plain", http.MethodGet, "/plain/posts/7"},
		{"GET/bare", http.MethodGet, "/bare/posts/7"},
		{"POST/typed", http.MethodPost, "/api/posts"},
		{"POST/plain", http.MethodPost, "/plain/posts"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.Echo.ServeHTTP(httptest.NewRecorder(), request(bench.method, bench.path))
			}
		})
	}
}
