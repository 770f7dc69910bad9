package problem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/problem"
)

func ExampleInvalid() {
	err := problem.Invalid(problem.Field{Pointer: "/email", Detail: "Enter an email address."})
	body, _ := json.Marshal(err)
	fmt.Println(string(body))
	// Output:
	// {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Some of the input is invalid.","code":"invalid","errors":[{"pointer":"/email","detail":"Enter an email address."}]}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	own := problem.Conflict("Taken.")
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"own", own, 409, "conflict"},
		{"wrapped", fmt.Errorf("saving: %w", own), 409, "conflict"},
		{"too large", &http.MaxBytesError{Limit: 2 << 20}, 413, "too_large"},
		{"canceled", fmt.Errorf("reading: %w", context.Canceled), problem.StatusClientClosed, "canceled"},
		{"deadline", context.DeadlineExceeded, 503, "unavailable"},
		{"cut off, by whomever", io.ErrUnexpectedEOF, 500, "internal"},
		{"anything", errors.New("boom"), 500, "internal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := problem.From(tt.err)
			if got.Status != tt.status || got.Code != tt.code {
				t.Errorf("From = %d %s, want %d %s", got.Status, got.Code, tt.status, tt.code)
			}
			if !errors.Is(got, tt.err) && !errors.Is(tt.err, got) {
				t.Error("the cause is lost")
			}
		})
	}
	if problem.From(nil) != nil {
		t.Error("From(nil) is not nil")
	}
}

// Threat: the text of an internal error (an SQL statement, a path, a password
// in a URL) reaches the client.
func TestCauseIsNeverWritten(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial postgres://app:hunter2@db")
	for _, err := range []*problem.Error{
		problem.Internal(secret), problem.From(secret), problem.Panic(secret), problem.Unavailable(secret),
		problem.NotFound("").WithCause(secret),
	} {
		body, marshalErr := json.Marshal(err)
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		if strings.Contains(string(body), "hunter2") {
			t.Errorf("the cause is written: %s", body)
		}
		if !strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the log loses the cause: %s", err)
		}
	}
}

func TestStackStartsAtTheCaller(t *testing.T) {
	t.Parallel()
	frames := problem.Internal(io.EOF).Stack()
	if len(frames) == 0 || !strings.HasSuffix(frames[0].Function, "TestStackStartsAtTheCaller") {
		t.Errorf("first frame is %v", frames)
	}
	if got := problem.NotFound("").Stack(); got != nil {
		t.Errorf("a 404 keeps a stack: %v", got)
	}
}

func TestTooLargeNamesTheLimit(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]string{2 << 20: "2 MB", 1536: "1.5 KB", 100: "100 bytes"} {
		if got := problem.From(&http.MaxBytesError{Limit: limit}).Detail; !strings.Contains(got, want) {
			t.Errorf("detail = %q, want %s in it", got, want)
		}
	}
}

func TestStatusOfUnknownCode(t *testing.T) {
	t.Parallel()
	if got := problem.Status(http.StatusTeapot); got.Code != "status_418" || got.Title() != "I'm a teapot" {
		t.Errorf("Status(418) = %s %s", got.Code, got.Title())
	}
}
