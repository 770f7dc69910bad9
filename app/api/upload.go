package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/problem"
)

// File is an uploaded file: a field of a body that arrives as multipart/form-data
// (RFC 7578). It is in a temporary file until the handler returns.
//
//	Body struct {
//		Avatar api.File   `json:"avatar" required:"true" maxSize:"2MiB" accept:"image/png,image/jpeg"`
//		Scans  []api.File `json:"scans" maxItems:"5" accept:"application/pdf"`
//	}
//
// maxSize bounds one file in bytes, KiB or MiB; the whole body is bounded by
// [MaxBody]. accept lists media types, of which the last part may be "*".
type File struct {
	// Name is what the client calls the file, without folders. It is not to be
	// used as the name of a file on the server.
	Name string
	// ContentType is what the first bytes look like (https://mimesniff.spec.whatwg.org),
	// whatever the client says of them.
	ContentType string
	// Size is the length in bytes.
	Size int64

	path string
}

// Open opens the file for reading. The caller closes it.
func (f File) Open() (*os.File, error) {
	if f.path == "" {
		return nil, errors.New("opening an upload: there is none")
	}
	return os.Open(f.path)
}

// UnmarshalText refuses: no text is a file.
func (f *File) UnmarshalText([]byte) error { return errors.New("a file is no text") }

// fileRule is what the tags of a field say of its files.
type fileRule struct {
	maxSize int64 // 0 without a bound
	accept  []string
}

func newFileRule(f value.StructField) (fileRule, bool, error) {
	t := f.Type
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t != reflect.TypeFor[File]() {
		return fileRule{}, false, nil
	}
	var rule fileRule
	if text := f.Tag.Get("maxSize"); text != "" {
		var err error
		if rule.maxSize, err = parseSize(text); err != nil {
			return rule, true, err
		}
	}
	if text := f.Tag.Get("accept"); text != "" {
		rule.accept = strings.Split(text, ",")
	}
	return rule, true, nil
}

func parseSize(text string) (int64, error) {
	number, unit := text, int64(1)
	for suffix, factor := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			number, unit = rest, factor
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("maxSize:%q: write it as 2MiB", text)
	}
	return n * unit, nil
}

// check returns what is wrong with a file, or "".
func (r fileRule) check(f File) string {
	if r.maxSize > 0 && f.Size > r.maxSize {
		return "This file is larger than " + strconv.FormatInt(r.maxSize, 10) + " bytes."
	}
	if len(r.accept) == 0 {
		return ""
	}
	sniffed, _, _ := mime.ParseMediaType(f.ContentType)
	for _, accepted := range r.accept {
		family, open := strings.CutSuffix(accepted, "*")
		if sniffed == accepted || (open && strings.HasPrefix(sniffed, family)) {
			return ""
		}
	}
	return "This must be a file of the type " + strings.Join(r.accept, " or ") + "."
}

const (
	maxParts = 1000
	maxText  = 1 << 20 // of all parts that are no files
)

// multipart reads a form with files, which go to temporary files as they arrive.
//
// Threats: memory filled with parts; a disk filled with files that nobody removes;
// a script that its header calls an image.
func (r *reader) multipart(b *body, boundary string) (*value.Value, error) {
	if boundary == "" {
		return nil, misread(&value.SyntaxError{Detail: "The form has no boundary."})
	}
	parts := multipart.NewReader(r.c.Request().Body, boundary)
	fields := map[string][]value.Member{}
	left := int64(maxText)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // a form that ends too early is a wrapped one
			return formTree(fields), nil
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if n == maxParts {
			return nil, problem.TooLarge("The form has too many parts.")
		}
		v, err := r.part(b, part, &left)
		if err != nil {
			return nil, err
		}
		if v != nil {
			fields[part.FormName()] = append(fields[part.FormName()], value.Member{Value: *v})
		}
	}
}

func formTree(fields map[string][]value.Member) *value.Value {
	tree := &value.Value{Kind: value.Object}
	for name, list := range fields {
		v := list[0].Value
		if len(list) > 1 {
			v = value.Value{Kind: value.List, Members: list}
		}
		tree.Members = append(tree.Members, value.Member{Name: name, Value: v})
	}
	return tree
}

// part reads one part. It returns nil for a file that nobody chose.
func (r *reader) part(b *body, part *multipart.Part, left *int64) (*value.Value, error) {
	rule, isFile := b.files[part.FormName()]
	if isFile && part.FileName() != "" {
		return r.file(rule, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if *left -= int64(len(text)); *left < 0 {
		return nil, problem.TooLarge("The fields of the form are too large.")
	}
	if isFile && len(text) == 0 {
		return nil, nil //nolint:nilnil // browsers send an empty part for a file that was not chosen
	}
	return &value.Value{Kind: value.Field, Text: string(text)}, nil
}

// file stores a part in a temporary file. A faulty one is read and forgotten.
func (r *reader) file(rule fileRule, part *multipart.Part) (*value.Value, error) {
	temporary, err := os.CreateTemp("", "covet-upload-*")
	if err != nil {
		return nil, fmt.Errorf("storing an upload: %w", err)
	}
	r.uploads = append(r.uploads, temporary.Name())
	sniffer := &sniffer{}
	size, err := io.Copy(io.MultiWriter(sniffer, &bounded{temporary, rule.maxSize + 1, rule.maxSize > 0}), part)
	if closeErr := temporary.Close(); err == nil && closeErr != nil {
		return nil, fmt.Errorf("storing an upload: %w", closeErr)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	f := File{Name: cleanName(part.FileName()), ContentType: http.DetectContentType(sniffer.head), Size: size, path: temporary.Name()}
	if fault := rule.check(f); fault != "" {
		r.faults = append(r.faults, problem.Field{Pointer: "/" + part.FormName(), Detail: fault})
	}
	return &value.Value{Kind: value.Native, Native: f}, nil
}

// sniffer keeps the first bytes, which tell the type.
type sniffer struct{ head []byte }

func (s *sniffer) Write(p []byte) (int, error) {
	if room := 512 - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// bounded writes no more than a number of bytes, and says that it wrote all.
type bounded struct {
	w     io.Writer
	left  int64
	bound bool
}

func (b *bounded) Write(p []byte) (int, error) {
	keep := p
	if b.bound {
		keep = p[:min(int64(len(p)), b.left)]
		b.left -= int64(len(keep))
	}
	if _, err := b.w.Write(keep); err != nil {
		return 0, err
	}
	return len(p), nil
}

// cleanName keeps what can be shown and stored.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '/' || r == '\\' {
			return -1
		}
		return r
	}, name)
}
