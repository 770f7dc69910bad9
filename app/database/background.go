package database

import "context"

type backgroundKey struct{}

// Background returns a context whose statements are not logged as slow: those that Covet sends regularly by itself,
// such as the polls of jobs. They are logged at the debug level, and failures as of any statement.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// isBackground reports whether Background made ctx.
func isBackground(ctx context.Context) bool {
	background, _ := ctx.Value(backgroundKey{}).(bool)
	return background
}
