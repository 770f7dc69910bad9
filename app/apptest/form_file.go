package apptest

import (
	"bytes"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"slices"
)

// attachment is a file that a form sends.
type attachment struct {
	name    string
	content []byte
}

// Attach chooses a file, with the type that browsers derive from its name. If the field accepts several files, it adds
// one. It fails the test immediately if the form has no such field, or is not sent as multipart/form-data, which would
// omit the content. Attach returns f.
func (f *Form) Attach(name, fileName string, content []byte) *Form {
	t := f.page.client.t
	t.Helper()
	in := f.fields[name]
	switch {
	case in == nil || !in.file:
		t.Fatalf("the form of %s has no field %q for files", f.page.URL(), name)
	case !f.multipart || f.method != http.MethodPost:
		t.Fatalf(`the form of %s sends no files: it needs method="post" and enctype="multipart/form-data"`, f.page.URL())
	case !in.multiple:
		f.files[name] = nil
	}
	f.files[name] = append(f.files[name], attachment{fileName, content})
	return f
}

// submitMultipart sends the form as multipart/form-data (RFC 7578). A field without a file sends an empty one, as in
// browsers.
func (f *Form) submitMultipart() *Page {
	t := f.page.client.t
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		if err := f.writeField(w, name); err != nil {
			t.Fatalf("%s: writing the field %q: %v", f.page.URL(), name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return f.page.client.send(http.MethodPost, f.action, w.FormDataContentType(), &body)
}

func (f *Form) writeField(w *multipart.Writer, name string) error {
	for _, value := range f.values[name] {
		if err := w.WriteField(name, value); err != nil {
			return err
		}
	}
	if !f.fields[name].file {
		return nil
	}
	files := f.files[name]
	if len(files) == 0 {
		files = []attachment{{}}
	}
	for _, file := range files {
		contentType := mime.TypeByExtension(path.Ext(file.name))
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition(name, file.name)},
			"Content-Type":        {contentType},
		})
		if err != nil {
			return err
		}
		if _, err := part.Write(file.content); err != nil {
			return err
		}
	}
	return nil
}
