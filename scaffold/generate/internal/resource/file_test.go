package resource

import (
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/field"
)

// Every kind of file has a sample that is detected as what it claims to be.
func TestFileSamples(t *testing.T) {
	t.Parallel()
	fields, err := field.Parse([]string{"x:file(pdf,zip,gzip,text,png,jpeg,gif,webp,mp3,wav,ogg,mp4,webm)"})
	if err != nil {
		t.Fatal(err)
	}
	types := fields[0].MediaTypes()
	if len(types) != len(fileSamples) {
		t.Errorf("%d kinds of files, and %d samples", len(types), len(fileSamples))
	}
	for _, mediaType := range types {
		got, _, _ := strings.Cut(http.DetectContentType([]byte(fileSamples[mediaType].Content)), ";")
		if got != mediaType {
			t.Errorf("the sample of %s is %s", mediaType, got)
		}
	}
}
