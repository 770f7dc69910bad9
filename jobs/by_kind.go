package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// EnqueueKind is [Client.Enqueue] by the name of a kind and its arguments as JSON, for a command line. [ErrArguments]
// is returned for a field that the job does not have, which is a slip rather than an old job, and [ErrNotRegistered]
// for a kind that this process does not know. Empty arguments are the zero value.
func (c *Client) EnqueueKind(
	ctx context.Context, kind string, args json.RawMessage, opts ...EnqueueOption,
) (string, error) {
	e, known := c.registry.kind(kind)
	if !known {
		return "", fmt.Errorf("enqueuing a job of kind %q: %w", kind, ErrNotRegistered)
	}
	job := reflect.New(e.typ).Interface()
	if len(args) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(args))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(job)
		if err == nil && decoder.Decode(new(any)) != io.EOF {
			err = errors.New("something follows them")
		}
		if err != nil {
			return "", fmt.Errorf("enqueuing a job of kind %q: %w: %w", kind, ErrArguments, err)
		}
	}
	return c.Enqueue(ctx, job, opts...)
}
