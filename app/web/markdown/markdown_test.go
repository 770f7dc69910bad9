package markdown_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/web/markdown"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                         "",
		"**bold** and *emphasis*":  "<p><strong>bold</strong> and <em>emphasis</em></p>\n",
		"# Title\n\n###### Small":  "<h2>Title</h2>\n<h6>Small</h6>\n",
		"> # Quoted":               "<blockquote>\n<h2>Quoted</h2>\n</blockquote>\n",
		"~~gone~~":                 "<p><del>gone</del></p>\n",
		"https://example.com":      `<p><a href="https://example.com" rel="nofollow">https://example.com</a></p>` + "\n",
		"|a|\n|-|\n|1|":            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n",
		"1 < 2 & \"3\"":            "<p>1 &lt; 2 &amp; &#34;3&#34;</p>\n",
		"![cat](/files/cat.png)":   `<p><img src="/files/cat.png" alt="cat"></p>` + "\n",
		"[x](mailto:a@example.com": "<p>[x](mailto:a@example.com</p>\n",
	} {
		got, err := markdown.HTML(source)
		if err != nil || got != want {
			t.Errorf("HTML(%q) = %q, %v, want %q", source, got, err, want)
		}
	}
}

// Each text tries to run a script.
func TestHTMLIsSafe(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"<script>alert(1)</script>",
		"<img src=x onerror=alert(1)>",
		"a <b onclick=alert(1)>b</b>",
		"[x](javascript:alert(1))",
		"[x](JaVaScRiPt:alert(1))",
		"[x](java\tscript:alert(1))",
		"[x](&#106;avascript:alert(1))",
		"[x](data:text/html;base64,PHNjcmlwdD4=)",
		"[x](vbscript:msgbox)",
		"<javascript:alert(1)>",
		"![x](javascript:alert(1))",
		"![x\" onerror=\"alert(1)](y)",
		"[x](/y \"t\\\" onclick=\\\"alert(1)\")",
		"[x]: javascript:alert(1)\n\n[x]",
		"<iframe src=//evil.example></iframe>",
		"<style>body{display:none}</style>",
		"<svg/onload=alert(1)>",
		"```\"><script>alert(1)</script>\nx\n```",
	} {
		got, err := markdown.HTML(source)
		if err != nil {
			t.Fatal(err)
		}
		lower := strings.ToLower(got)
		for _, dangerous := range []string{
			"<script", "<iframe", "<style", "<svg", `="javascript:`, `="data:`, `="vbscript:`, "<img src=\"x\"", `" onerror=`, `" onclick=`, " onclick=alert",
		} {
			if strings.Contains(lower, dangerous) {
				t.Errorf("HTML(%q) = %q", source, got)
			}
		}
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	text := "*x*"
	for _, test := range []struct {
		value any
		want  string
	}{
		{text, `<div class="prose"><p><em>x</em></p>` + "\n</div>"},
		{&text, `<div class="prose"><p><em>x</em></p>` + "\n</div>"},
		{(*string)(nil), `<div class="prose"><p>–</p>` + "\n</div>"},
	} {
		var b strings.Builder
		if err := markdown.View(test.value).Render(t.Context(), &b); err != nil || b.String() != test.want {
			t.Errorf("View(%v) = %q, %v", test.value, b.String(), err)
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("# a\n\n[b](javascript:c) <script>d</script>")
	f.Fuzz(func(t *testing.T, source string) {
		got, err := markdown.HTML(source)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(got), "<script") || strings.Contains(strings.ToLower(got), `href="javascript:`) {
			t.Errorf("HTML(%q) = %q", source, got)
		}
	})
}
