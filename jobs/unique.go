package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Unique says when two jobs are the same, so that the second one is not enqueued. The zero value means never.
//
// A job blocks the same job until it is done, dead or cancelled, or, with For, until a period since its enqueuing has
// passed. Meanwhile Enqueue returns its id, and [Duplicate] reports that. This holds across processes and for jobs that
// are enqueued at the same moment, because a unique index of the database decides. A dead job whose key another job has
// taken cannot be retried until that one has ended; see [ErrDuplicate].
type Unique struct {
	by     uniqueBy
	fields []string
	key    string
	period time.Duration
}

type uniqueBy int

const (
	byNothing uniqueBy = iota
	byKind
	byArgs
	byKey
)

// ByKind makes all jobs of a kind the same.
func ByKind() Unique { return Unique{by: byKind} }

// ByArgs makes jobs of a kind the same if the arguments with the given JSON names are equal, or all arguments if none
// is given.
func ByArgs(names ...string) Unique { return Unique{by: byArgs, fields: names} }

// ByKey makes jobs of a kind the same if their keys are equal.
func ByKey(key string) Unique { return Unique{by: byKey, key: key} }

// For returns a copy of u that blocks the same job for a period since the first one was enqueued, whether that one has
// ended or not.
func (u Unique) For(period time.Duration) Unique {
	u.period = period
	return u
}

// setUnique sets the unique key of a row.
func (b *rowBuilder) setUnique(row *job.Row, u Unique, payload []byte, secret bool) error {
	if u.by == byNothing {
		return nil
	}
	text, err := u.text(row.Kind, payload)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	digest := sum[:]
	if secret {
		digest = b.sealer.Digest(text)
	}
	key := "unique:" + hex.EncodeToString(digest)
	row.UniqueKey, row.UniqueAs = &key, key
	if u.period > 0 {
		until := row.CreatedAt.Add(u.period)
		row.UniqueUntil = &until
	}
	return nil
}

// text returns what the same jobs have in common.
func (u Unique) text(kind string, payload []byte) ([]byte, error) {
	fields := slices.Sorted(slices.Values(u.fields))
	parts := []any{kind, int(u.by), u.key, fields}
	if u.by == byArgs {
		var args any
		decoder := json.NewDecoder(bytes.NewReader(payload))
		decoder.UseNumber()
		if err := decoder.Decode(&args); err != nil {
			return nil, fmt.Errorf("reading the arguments of %s: %w", kind, err)
		}
		if len(u.fields) > 0 {
			all, _ := args.(map[string]any)
			chosen := map[string]any{}
			for _, name := range u.fields {
				chosen[name] = all[name] // absent: left out by omitempty
			}
			args = chosen
		}
		parts = append(parts, args)
	}
	return json.Marshal(parts) // maps are encoded in the order of their keys
}
