package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// output describes the type of an output: a status, headers and a body.
type output struct {
	status  []int
	headers []header
	links   []int
	etag    []int
	body    *outputBody
}

// header is a field with a header tag.
type header struct {
	name  string
	index []int
	field reflect.StructField
}

type outputBody struct {
	index    []int
	t        reflect.Type
	raw      bool         // unparsed bytes
	streamed bool         // an io.Reader
	envelope reflect.Type // the object around the body, or nil
}

// newOutput analyzes the type of an output. Envelope is the member that contains the body, or empty.
func newOutput(t reflect.Type, envelope string) (*output, error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("it is not a struct")
	}
	o := &output{}
	if err := o.walk(t, nil); err != nil {
		return nil, err
	}
	if b := o.body; b != nil && envelope != "" && !b.raw && !b.streamed {
		b.envelope = envelopeOf(envelope, b.t)
	}
	return o, nil
}

// sent returns the type of the body as it is sent.
func (b *outputBody) sent() reflect.Type {
	if b.envelope != nil {
		return b.envelope
	}
	return b.t
}

// wrap returns the value of the body in its envelope, if it has one.
func (b *outputBody) wrap(v reflect.Value) reflect.Value {
	if b.envelope == nil {
		return v
	}
	wrapped := reflect.New(b.envelope).Elem()
	wrapped.Field(0).Set(v)
	return wrapped
}

func (o *output) walk(t reflect.Type, index []int) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		name := sf.Tag.Get("header")
		var err error
		switch {
		case sf.Type == reflect.TypeFor[Links]():
			o.links = at
		case name != "" && sf.IsExported():
			if http.CanonicalHeaderKey(name) == "Etag" {
				if o.etag = at; sf.Type.Kind() != reflect.String {
					err = errors.New("an ETag must be a string")
				}
			}
			o.headers = append(o.headers, header{http.CanonicalHeaderKey(name), at, sf})
		case sf.Anonymous && sf.Type.Kind() == reflect.Struct:
			err = o.walk(sf.Type, at)
		case sf.Name == "Status" && sf.Type.Kind() == reflect.Int:
			o.status = at
		case sf.Name == "Body" && o.body == nil:
			o.body = &outputBody{
				index:    at,
				t:        sf.Type,
				raw:      sf.Type == reflect.TypeFor[[]byte](),
				streamed: sf.Type == reflect.TypeFor[io.Reader](),
			}
			if err = writable(sf.Type); err == nil {
				err = noSecrets(sf.Type)
			}
		case sf.IsExported():
			err = errors.New("it is not called Status or Body, and has no header tag")
		}
		if err != nil {
			return fmt.Errorf("field %s: %w", sf.Name, err)
		}
	}
	return nil
}

func writable(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128:
		return fmt.Errorf("JSON cannot represent a %s", t)
	}
	return nil
}

// writer writes JSON into a reusable buffer.
type writer struct {
	buffer  bytes.Buffer
	encoder *json.Encoder
}

var writers = sync.Pool{New: func() any {
	w := new(writer)
	w.encoder = json.NewEncoder(&w.buffer)
	w.encoder.SetEscapeHTML(false) // responses are never sniffed, nor framed in a page
	return w
}}

// write sends the output of a handler. A nil output has no content, which is an error for endpoints with a body.
func (o *output) write(c echo.Context, e *endpoint, out reflect.Value) error {
	h := c.Response().Header()
	if out.IsNil() {
		if o.body != nil {
			return fmt.Errorf("%s %s: the handler returned neither an output nor an error", e.method, e.path)
		}
		e.setCacheHeaders(c.Request(), h)
		return c.NoContent(e.status)
	}
	v := out.Elem()
	status, err := o.statusOf(e, v)
	if err != nil {
		return err
	}
	o.setHeaders(h, v)
	if o.links != nil {
		v.FieldByIndex(o.links).Addr().Interface().(*Links).set(h, c.Request()) //nolint:forcetypeassert // walk has checked its type
	}
	e.setCacheHeaders(c.Request(), h)
	if o.body == nil {
		if e.notModified(c, h) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.NoContent(status)
	}
	if o.body.streamed || o.body.raw {
		return o.writeRaw(c, e, status, v.FieldByIndex(o.body.index))
	}
	return o.writeValue(c, e, status, o.body.wrap(v.FieldByIndex(o.body.index)))
}

// statusOf returns the status of a response.
func (o *output) statusOf(e *endpoint, v reflect.Value) (int, error) {
	if o.status == nil {
		return e.status, nil
	}
	switch given := int(v.FieldByIndex(o.status).Int()); {
	case given == 0:
		return e.status, nil
	case given < http.StatusOK || given >= http.StatusBadRequest:
		return 0, fmt.Errorf("%s %s: an output has the status %d: return an error for statuses from 400 on",
			e.method, e.path, given)
	default:
		return given, nil
	}
}

// Headers of responses that depend on the actor. The slices are shared: appending to them copies.
var (
	privately = []string{"no-store"}
	variesWho = []string{"Cookie, Authorization"}
)

// setCacheHeaders sets the headers of a response that depends on the actor, or to a request with credentials, unless
// the endpoint has set them.
//
// Threat: a shared cache sends the response for one user to another.
func (e *endpoint) setCacheHeaders(r *http.Request, h http.Header) {
	personal := e.permission != "" || e.input.dependsOnActor()
	_, said := h["Cache-Control"]
	if !personal && (said || !hasCredentials(r)) {
		return
	}
	if !said {
		h["Cache-Control"] = privately
	}
	if _, ok := h["Vary"]; !ok {
		h["Vary"] = variesWho
		return
	}
	h.Add("Vary", variesWho[0])
}

// hasCredentials reports whether a request has a cookie or an Authorization header.
func hasCredentials(r *http.Request) bool {
	return r.Header["Cookie"] != nil || r.Header["Authorization"] != nil
}

// dependsOnActor reports whether the input resolves the actor, so that the response depends on it.
func (in *input) dependsOnActor() bool {
	return len(in.dependencies) > 0 && in.dependencies[0].first
}

func (o *output) setHeaders(h http.Header, v reflect.Value) {
	for i := range o.headers {
		o.headers[i].set(h, v.FieldByIndex(o.headers[i].index))
	}
}

func (d *header) set(h http.Header, v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			h.Add(d.name, headerText(v.Index(i)))
		}
		return
	}
	if v.IsZero() {
		return
	}
	text := headerText(v)
	if d.name == "Etag" {
		text = quote(text)
	}
	h.Set(d.name, text)
}

func headerText(v reflect.Value) string {
	switch t := v.Interface().(type) {
	case string:
		return t
	case time.Time:
		return t.UTC().Format(http.TimeFormat)
	case fmt.Stringer:
		return t.String()
	case http.Cookie:
		return t.String()
	}
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.String:
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}

// writeValue writes the body as JSON, or as CBOR if the client prefers it.
func (o *output) writeValue(c echo.Context, e *endpoint, status int, body reflect.Value) error {
	h := c.Response().Header()
	if _, ok := h["Vary"]; ok {
		h.Add("Vary", "Accept")
	} else {
		h["Vary"] = varyAccept
	}
	if prefersCBOR(c.Request().Header.Get("Accept")) {
		data, err := e.module.cbor.Marshal(withLists(body).Interface())
		if err != nil {
			return fmt.Errorf("writing CBOR: %w", err)
		}
		return o.send(c, e, status, typeCBOR, data)
	}
	w := writers.Get().(*writer) // the pool holds nothing else
	defer writers.Put(w)
	w.buffer.Reset()
	if err := w.encoder.Encode(addressed(withLists(body)).Interface()); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return o.send(c, e, status, typeJSON, w.buffer.Bytes())
}

// addressed returns a pointer to v, for MarshalJSON methods with a pointer receiver.
func addressed(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v.Addr()
	}
	pointer := reflect.New(v.Type())
	pointer.Elem().Set(v)
	return pointer
}

// send writes a complete body, unless the client has it already.
func (o *output) send(c echo.Context, e *endpoint, status int, contentType string, data []byte) error {
	h := c.Response().Header()
	if o.etag != nil && h.Get("Etag") == "" && e.method == http.MethodGet {
		h.Set("Etag", quote(computeETag(contentType, data)))
	}
	if e.notModified(c, h) {
		return c.NoContent(http.StatusNotModified)
	}
	h["Content-Type"] = contentTypes(contentType)
	c.Response().WriteHeader(status)
	_, err := c.Response().Write(data)
	return err
}

func contentTypes(contentType string) []string {
	if contentType == typeJSON {
		return jsonOnly
	}
	return []string{contentType}
}

var varyAccept = []string{"Accept"} // shared: appending to it copies

var jsonOnly = []string{typeJSON} // shared: appending to it copies

func (o *output) writeRaw(c echo.Context, e *endpoint, status int, body reflect.Value) error {
	contentType := c.Response().Header().Get("Content-Type")
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	if o.body.raw {
		return o.send(c, e, status, contentType, body.Bytes())
	}
	stream, _ := body.Interface().(io.Reader)
	if stream == nil {
		return c.NoContent(status)
	}
	if closer, ok := stream.(io.Closer); ok {
		defer func() { _ = closer.Close() }() // it was only read
	}
	if e.notModified(c, c.Response().Header()) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Stream(status, contentType, stream)
}

// prefersCBOR reports whether the client prefers CBOR over JSON, by weight and then by order (RFC 9110 §12.5.1).
func prefersCBOR(accept string) bool {
	if !strings.Contains(accept, "cbor") {
		return false
	}
	best, cbor := 0.0, false
	for item := range strings.SplitSeq(accept, ",") {
		name, weight := item, 1.0
		if i := strings.IndexByte(item, ';'); i >= 0 {
			name = item[:i]
			if _, q, ok := strings.Cut(strings.ReplaceAll(item[i:], " ", ""), ";q="); ok {
				weight, _ = strconv.ParseFloat(q, 64) // an invalid weight counts as 0
			}
		}
		switch name = strings.TrimSpace(name); name {
		case typeCBOR, typeJSON, "*/*", "application/*":
			if weight > best {
				best, cbor = weight, name == typeCBOR
			}
		}
	}
	return cbor
}
