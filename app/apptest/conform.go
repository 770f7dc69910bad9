package apptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// describer is a module with an OpenAPI document: the API.
type describer interface {
	Document() ([]byte, error)
}

// UndocumentedResponses permits responses of the API that the application's OpenAPI document does not describe. Without
// it, such a response fails the test.
func UndocumentedResponses() Option {
	return func(o *options) { o.undocumented = true }
}

// Transport returns a transport for a test's own HTTP clients. It fails the test if a response of an endpoint differs
// from the application's OpenAPI document: in its status, its media type, or a member of its JSON. The clients of
// [App.Client] use it. It is safe for concurrent use.
func (a *App) Transport() http.RoundTripper {
	if a.contract == nil {
		return http.DefaultTransport
	}
	return &checkingTransport{t: a.t, contract: a.contract, base: http.DefaultTransport}
}

// newContract returns the contract of the application's API, or nil if it has none.
func newContract(a *App) *contract {
	for _, module := range a.Modules() {
		if d, ok := module.(describer); ok {
			return &contract{document: d.Document}
		}
	}
	return nil
}

type checkingTransport struct {
	t        testing.TB
	contract *contract
	base     http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (c *checkingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := c.contract.check(r, response); err != nil {
		c.t.Errorf("%s %s: the response with status %d differs from the OpenAPI document: %v", r.Method, r.URL.Path, response.StatusCode, err)
	}
	return response, nil
}

// contract is the OpenAPI document of an application, read when the first response is checked.
type contract struct {
	document func() ([]byte, error)

	once       sync.Once
	err        error
	operations []operation
	mu         sync.Mutex // of compiler
	compiler   *jsonschema.Compiler
}

// operation is a method of a path.
type operation struct {
	method    string
	template  string
	path      *regexp.Regexp
	pointer   string // path in the document
	responses map[string]response
}

type response struct {
	Content map[string]json.RawMessage `json:"content"`
}

const documentURL = "https://apptest.invalid/openapi.json"

var parameter = regexp.MustCompile(`\\\{[^{}]+\\\}`)

func (c *contract) read() error {
	text, err := c.document()
	if err != nil {
		return err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	c.compiler = jsonschema.NewCompiler()
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(documentURL, tree); err != nil {
		return err
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]response `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return err
	}
	for template, item := range doc.Paths {
		path, err := regexp.Compile("^" + parameter.ReplaceAllString(regexp.QuoteMeta(template), "[^/]*") + "$")
		if err != nil {
			return err
		}
		for method, op := range item {
			c.operations = append(c.operations, operation{
				method: strings.ToUpper(method), template: template, path: path,
				pointer: "/paths/" + escape(template) + "/" + method + "/responses/", responses: op.Responses,
			})
		}
	}
	// A path without parameters sorts before one that matches it with parameters.
	slices.SortFunc(c.operations, func(a, b operation) int {
		return strings.Count(a.template, "{") - strings.Count(b.template, "{")
	})
	return nil
}

// escape escapes a key for a JSON Pointer in a URL.
func escape(key string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
}

// check returns how a response differs from the document. Paths and methods that are not in the document are not
// checked. It reads a JSON body and replaces it, so that it can be read again.
func (c *contract) check(r *http.Request, res *http.Response) error {
	c.once.Do(func() { c.err = c.read() })
	if c.err != nil {
		return fmt.Errorf("reading the document: %w", c.err)
	}
	op := c.find(r)
	if op == nil {
		return nil
	}
	key := op.statusKey(res.StatusCode)
	if key == "" {
		return errors.New("the status is not documented")
	}
	if r.Method == http.MethodHead {
		return nil
	}
	content := op.responses[key].Content
	mediaType, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if len(content) == 0 {
		return checkEmpty(res)
	}
	if err != nil {
		return fmt.Errorf("reading the Content-Type %q: %w", res.Header.Get("Content-Type"), err)
	}
	media := mediaKey(content, mediaType)
	if media == "" {
		return fmt.Errorf("the media type %s is not documented", mediaType)
	}
	if mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json") {
		return nil
	}
	return c.checkBody(op.pointer+escape(key)+"/content/"+escape(media)+"/schema", res)
}

// find returns the operation of a request, or nil.
func (c *contract) find(r *http.Request) *operation {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range c.operations {
		if op := &c.operations[i]; op.method == method && op.path.MatchString(r.URL.EscapedPath()) {
			return op
		}
	}
	return nil
}

// statusKey returns the key of the response with a status, or "". The key "default" matches only errors.
func (o *operation) statusKey(status int) string {
	keys := []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX"}
	if status >= http.StatusBadRequest {
		keys = append(keys, "default")
	}
	for _, key := range keys {
		if _, ok := o.responses[key]; ok {
			return key
		}
	}
	return ""
}

func mediaKey(content map[string]json.RawMessage, mediaType string) string {
	kind, _, _ := strings.Cut(mediaType, "/")
	for _, key := range []string{mediaType, kind + "/*", "*/*"} {
		if _, ok := content[key]; ok {
			return key
		}
	}
	return ""
}

// readBody reads the body of a response and replaces it, so that it can be read again.
func readBody(res *http.Response) ([]byte, error) {
	body, err := io.ReadAll(res.Body)
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

func checkEmpty(res *http.Response) error {
	body, err := readBody(res)
	if err == nil && len(body) > 0 {
		return fmt.Errorf("no body is documented, but %d bytes were sent", len(body))
	}
	return err
}

func (c *contract) checkBody(pointer string, res *http.Response) error {
	body, err := readBody(res)
	if err != nil {
		return err
	}
	c.mu.Lock()
	schema, err := c.compiler.Compile(documentURL + "#" + pointer)
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("compiling its schema: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	return schema.Validate(value)
}
