package errorpage

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// maxOwn is how many frames of the developer's own code are shown.
const maxOwn = 8

// position is a line of a stack as the runtime writes it: "\t/home/me/blog/app/app.go:12 +0x1d".
var position = regexp.MustCompile(`(?m)^\t(.+\.(?:go|templ)):(\d+)(?: \+0x[0-9a-f]+)?$`)

// Own returns the places in the project that the stack of a panic names, innermost first. They come from the first
// goroutine in the output, which is the one that panicked.
func (r Reader) Own(output string) []Excerpt {
	start := strings.Index(output, "\ngoroutine ")
	if start < 0 {
		return nil
	}
	stack := output[start+1:]
	if end := strings.Index(stack, "\n\n"); end >= 0 {
		stack = stack[:end]
	}
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return nil
	}
	var own []Excerpt
	for _, match := range position.FindAllStringSubmatch(stack, -1) {
		name, err := filepath.Rel(root, match[1])
		if err != nil || !filepath.IsLocal(name) || len(own) == maxOwn {
			continue
		}
		line, err := strconv.Atoi(match[2])
		if err != nil {
			continue
		}
		if e := r.Excerpt(match[1], line, 0); len(e.Lines) > 0 {
			own = append(own, e)
		}
	}
	return own
}
