// Package upload reads forms with files (multipart/form-data, RFC 7578), for pages
// and for endpoints. Files go to temporary files as they arrive.
//
//	form, err := upload.Read(r.Body, boundary, upload.Options{Rules: rules})
//	defer form.Remove()
package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
)

// File is one uploaded file; see web.File.
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

// Rule is what the tags of a field say of its files.
type Rule struct {
	// Accept lists media types. Defaults to all.
	Accept  []string
	maxSize int64 // 0 without a bound
	// maxPixels bounds the pixels of images, or is 0 without a bound.
	maxPixels int64
}

// NewRule reads the tags of a field as [ParseRule] does. It reports false for a field
// that holds no files.
func NewRule(sf reflect.StructField) (Rule, bool, error) {
	t := sf.Type
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t != reflect.TypeFor[File]() {
		return Rule{}, false, nil
	}
	rule, err := ParseRule(sf.Tag)
	return rule, true, err
}

// ParseRule reads the tags maxSize, accept and maxPixels; accept:"*/*" takes every type. A field that accepts images has
// a bound of 50 megapixels unless maxPixels sets another one.
func ParseRule(tag reflect.StructTag) (rule Rule, err error) {
	if text := tag.Get("maxSize"); text != "" {
		if rule.maxSize, err = parseSize(text); err != nil {
			return rule, err
		}
	}
	if text := tag.Get("accept"); text != "" && text != "*/*" {
		rule.Accept = strings.Split(text, ",")
		for i := range rule.Accept {
			rule.Accept[i] = strings.TrimSpace(rule.Accept[i])
		}
	}
	if text := tag.Get("maxPixels"); text != "" {
		rule.maxPixels, err = parsePixels(text)
		return rule, err
	}
	isImage := func(accepted string) bool { return strings.HasPrefix(accepted, "image/") }
	if slices.ContainsFunc(rule.Accept, isImage) {
		rule.maxPixels = maxPixels
	}
	return rule, nil
}

// MaxSize is the largest size of a file, in bytes, or 0 without a bound.
func (r Rule) MaxSize() int64 { return r.maxSize }

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
func (r Rule) check(ctx context.Context, f File) string {
	if r.maxSize > 0 && f.Size > r.maxSize {
		return value.Texts().T(ctx, "file.size", "limit", text.Bytes(r.maxSize))
	}
	if len(r.Accept) == 0 {
		return ""
	}
	sniffed := f.mediaType()
	for _, accepted := range r.Accept {
		family, open := strings.CutSuffix(accepted, "*")
		if sniffed == accepted || (open && strings.HasPrefix(sniffed, family)) {
			return ""
		}
	}
	return value.Texts().T(ctx, "file.type", "types", strings.Join(r.Accept, ", "))
}

// names reports whether a media type is named as it is, and not by a wildcard.
func (r Rule) names(mediaType string) bool { return slices.Contains(r.Accept, mediaType) }

// mediaType is the content type without parameters.
func (f File) mediaType() string {
	mediaType, _, _ := mime.ParseMediaType(f.ContentType)
	return mediaType
}

const (
	maxParts = 1000
	maxText  = 1 << 20 // of all parts that are no files
)

// Options says what a form has.
type Options struct {
	// Rules are those of the fields that hold files, by their names.
	Rules map[string]Rule
	// Lenient leaves out files in fields without a rule. Otherwise they are text.
	Lenient bool
}

// Form is a form that was read.
type Form struct {
	// Values are what was sent for each field: text, and files, in their order.
	Values map[string][]value.Value
	// Faults are what is wrong with files, by the names of their fields, in the language of the context.
	Faults map[string]string

	ctx       context.Context //nolint:containedctx // a Form is read by one call; for the language of Faults
	opts      Options
	remaining int64
	paths     []string // temporary files
}

// Remove removes the temporary files.
func (f *Form) Remove() {
	for _, path := range f.paths {
		_ = os.Remove(path) // what is left is in the system's temporary folder
	}
}

// Read reads a form. The error is a problem, [*value.SyntaxError], or one of the
// body's; nothing is left of the files then.
//
// Threats: memory filled with parts; a disk filled with files that nobody removes;
// a script that its header calls an image.
func Read(ctx context.Context, body io.Reader, boundary string, opts Options) (*Form, error) {
	if boundary == "" {
		return nil, value.Syntax("", "syntax.boundary")
	}
	f := &Form{ctx: ctx, Values: map[string][]value.Value{}, Faults: map[string]string{}, opts: opts, remaining: maxText}
	if err := f.read(multipart.NewReader(body, boundary)); err != nil {
		f.Remove()
		return nil, err
	}
	return f, nil
}

// Take is [Read] for a form that net/http has read already.
func Take(ctx context.Context, parsed *multipart.Form, opts Options) (*Form, error) {
	f := &Form{ctx: ctx, Values: map[string][]value.Value{}, Faults: map[string]string{}, opts: opts}
	for name, list := range parsed.Value {
		_, isFile := opts.Rules[name]
		for _, text := range list {
			if isFile && text == "" {
				continue // a file that was not chosen
			}
			f.Values[name] = append(f.Values[name], value.Value{Kind: value.Field, Text: text})
		}
	}
	for name, rule := range opts.Rules {
		for _, header := range parsed.File[name] {
			if err := f.store(rule, name, header); err != nil {
				f.Remove()
				return nil, err
			}
		}
	}
	return f, nil
}

func (f *Form) store(rule Rule, name string, header *multipart.FileHeader) error {
	part, err := header.Open()
	if err != nil {
		return fmt.Errorf("opening an upload: %w", err)
	}
	defer func() { _ = part.Close() }() // it was only read
	return f.file(rule, name, header.Filename, part)
}

func (f *Form) read(parts *multipart.Reader) error {
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // a form that ends too early is a wrapped one
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		if n == maxParts {
			return problem.TooLarge("").WithText(value.Texts(), "parts", "limit", maxParts)
		}
		if err := f.part(part); err != nil {
			return err
		}
	}
}

// part reads one part. A file that nobody chose is none.
func (f *Form) part(part *multipart.Part) error {
	name := part.FormName()
	rule, isFile := f.opts.Rules[name]
	switch {
	case isFile && part.FileName() != "":
		return f.file(rule, name, part.FileName(), part)
	case f.opts.Lenient && part.FileName() != "":
		_, err := io.Copy(io.Discard, part)
		return unreadable(err)
	}
	content, err := io.ReadAll(io.LimitReader(part, f.remaining+1))
	if err != nil {
		return unreadable(err)
	}
	if f.remaining -= int64(len(content)); f.remaining < 0 {
		return problem.TooLarge("").WithText(value.Texts(), "fields", "limit", text.Bytes(maxText))
	}
	if isFile && len(content) == 0 {
		return nil // browsers send an empty part for a file that was not chosen
	}
	f.Values[name] = append(f.Values[name], value.Value{Kind: value.Field, Text: string(content)})
	return nil
}

// file stores a part in a temporary file. A faulty one is read and forgotten.
func (f *Form) file(rule Rule, name, fileName string, part io.Reader) error {
	temporary, err := os.CreateTemp("", "covet-upload-*")
	if err != nil {
		return fmt.Errorf("storing an upload: %w", err)
	}
	f.paths = append(f.paths, temporary.Name())
	sniffer := &sniffer{}
	size, err := io.Copy(io.MultiWriter(sniffer, &bounded{temporary, rule.maxSize + 1, rule.maxSize > 0}), part)
	if closeErr := temporary.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("storing an upload: %w", closeErr)
	}
	if err != nil {
		return unreadable(err)
	}
	stored := File{
		Name:        cleanName(fileName),
		ContentType: http.DetectContentType(sniffer.head),
		Size:        size,
		path:        temporary.Name(),
	}
	fault := rule.check(f.ctx, stored)
	if fault == "" {
		if fault, err = rule.checkImage(f.ctx, stored.path, stored.mediaType()); err != nil {
			return err
		}
	}
	if fault != "" {
		f.Faults[name] = fault
	}
	f.Values[name] = append(f.Values[name], value.Value{Kind: value.Native, Native: stored})
	return nil
}

// unreadable returns the problem of a body that ended early or is too large.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) || errors.Is(err, context.Canceled) {
		return err
	}
	return problem.BadRequest("").WithText(value.Texts(), "body").WithCause(err)
}

// sniffer keeps the first bytes, which tell the type.
type sniffer struct{ head []byte }

func (s *sniffer) Write(p []byte) (int, error) {
	if remaining := 512 - len(s.head); remaining > 0 {
		s.head = append(s.head, p[:min(remaining, len(p))]...)
	}
	return len(p), nil
}

// bounded writes no more than a number of bytes, and says that it wrote all.
type bounded struct {
	w         io.Writer
	remaining int64
	bound     bool
}

func (b *bounded) Write(p []byte) (int, error) {
	keep := p
	if b.bound {
		keep = p[:min(int64(len(p)), b.remaining)]
		b.remaining -= int64(len(keep))
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
