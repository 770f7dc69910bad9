package field

import (
	"fmt"
	"slices"
	"strings"
)

// fileKinds are the kinds of files that can be told by their content, with their media types.
var fileKinds = []struct{ Name, MediaType string }{
	{"pdf", "application/pdf"},
	{"zip", "application/zip"},
	{"gzip", "application/x-gzip"},
	{"text", "text/plain"},
	{"png", "image/png"},
	{"jpeg", "image/jpeg"},
	{"gif", "image/gif"},
	{"webp", "image/webp"},
	{"mp3", "audio/mpeg"},
	{"wav", "audio/wave"},
	{"ogg", "application/ogg"},
	{"mp4", "video/mp4"},
	{"webm", "video/webm"},
}

// sameKinds are kinds that have the same content as another: office documents are ZIP archives.
var sameKinds = map[string]string{
	"jpg": "jpeg", "gz": "gzip", "txt": "text", "csv": "text", "json": "text", "md": "text", "docx": "zip", "xlsx": "zip", "pptx": "zip",
	"odt": "zip", "ods": "zip", "odp": "zip", "epub": "zip", "jar": "zip",
}

// kinds reads the kinds of files.
func (p *parser) kinds(f *Field, text string, at int) error {
	f.Values = strings.Split(text, ",")
	for i, kind := range f.Values {
		media := mediaType(kind)
		switch same := sameKinds[kind]; {
		case same != "":
			return p.fail(at, fmt.Sprintf("the kind of a file is detected by its content, and that of %s is %s", kind, same), same)
		case media == "":
			names := kindNames(f.Type)
			return p.fail(at, fmt.Sprintf("%q is not one of %s", kind, strings.Join(names, ", ")), closest(kind, names))
		case f.Type == Image && !strings.HasPrefix(media, "image/"):
			return p.fail(at, kind+" is not a kind of image", "file("+text+")")
		case slices.Contains(f.Values[:i], kind):
			return p.fail(at, "the kind "+kind+" is there twice", "")
		}
		at += len(kind) + 1
	}
	return nil
}

// kindNames are the kinds of files that a type can accept.
func kindNames(t Type) []string {
	var names []string
	for _, kind := range fileKinds {
		if t != Image || strings.HasPrefix(kind.MediaType, "image/") {
			names = append(names, kind.Name)
		}
	}
	return names
}

// mediaType returns the media type of a kind of file, or "".
func mediaType(kind string) string {
	for _, known := range fileKinds {
		if known.Name == kind {
			return known.MediaType
		}
	}
	return ""
}

// MediaTypes returns the media types of the kinds of files that a file or an image accepts, or none if no kinds are
// written.
func (f Field) MediaTypes() []string {
	if !f.Type.IsFile() {
		return nil
	}
	var list []string
	for _, kind := range f.Values {
		list = append(list, mediaType(kind))
	}
	return list
}
