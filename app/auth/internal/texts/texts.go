// Package texts contains the texts of accounts: of pages, mails and problems.
package texts

import (
	"context"
	"embed"

	"github.com/covetgo/covet/app/text"
)

//go:embed *.yaml
var files embed.FS

// Set contains the texts. An application overrides and translates them by the name "auth".
var Set = text.MustLoad("auth", files, ".")

// T returns the text of a key in the language of ctx; see [text.Set.T].
func T(ctx context.Context, key string, args ...any) string { return Set.T(ctx, key, args...) }
