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

// EnqueueKind enqueues a job by the name of its kind, with its arguments as JSON; command lines use it. It returns
// [ErrNotRegistered] for a kind that this process does not know, and [ErrArguments] for a field that the job does not
// have, which here is a mistake and not an old job. Empty arguments mean the zero value.
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
			err = errors.New("data follows the JSON value")
		}
		if err != nil {
			return "", fmt.Errorf("enqueuing a job of kind %q: %w: %w", kind, ErrArguments, err)
		}
	}
	return c.Enqueue(ctx, job, opts...)
}
