package page_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/auth/page"
)

// Every text that pages and mails ask for exists: a missing one would be shown as its key.
func TestTextsExist(t *testing.T) {
	t.Parallel()
	asks := regexp.MustCompile(`(?:\bT|\btext|Input)\("([a-z_]+\.[a-z_.]+)"`)
	english, found := page.English(), 0
	for _, pattern := range []string{"../*.go", "../views/*.templ"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range asks.FindAllStringSubmatch(string(content), -1) {
				found++
				if _, ok := english[match[1]]; !ok {
					t.Errorf("%s asks for %q", file, match[1])
				}
			}
		}
	}
	if found < 80 {
		t.Errorf("only %d texts were found in the code", found)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	texts := page.Texts{"login.title": "Willkommen"}
	if err := texts.Check(); err != nil {
		t.Error(err)
	}
	if got := texts.Get("login.title") + texts.Get("login.button") + texts.Get("nothing"); got != "WillkommenSign innothing" {
		t.Errorf("the texts are %q", got)
	}
	err := page.Texts{"login.titel": "x", "b": "y"}.Check()
	if err == nil || !strings.Contains(err.Error(), `"b", "login.titel"`) {
		t.Errorf("unknown keys: %v", err)
	}
	page.English()["login.title"] = "changed"
	if page.English()["login.title"] == "changed" {
		t.Error("the texts can be changed for everybody")
	}
}
