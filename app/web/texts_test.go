package web_test

import (
	"testing"

	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, web.Texts(), texttest.Code{Receivers: []string{"texts", "web.Texts()"}, Folders: []string{".", "ui"}})
}
