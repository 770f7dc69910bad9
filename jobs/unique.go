package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// Unique says when a job is the same as another one, which then is not enqueued again. The zero value never is.
//
// The first of the same jobs is the one that counts until it is done, dead or cancelled, or, with For, until some time
// after it was enqueued has passed. Meanwhile Enqueue returns its id, and [Duplicate] tells that it did. That holds across
// processes, and for jobs that are enqueued at the same moment: a unique index of the database decides. A dead job whose
// place another one has taken cannot be retried until that one has ended; see [ErrDuplicate].
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

// ByArgs makes jobs of a kind the same if they have the same arguments: those of the given JSON names, or all.
func ByArgs(names ...string) Unique { return Unique{by: byArgs, fields: names} }

// ByKey makes jobs of a kind the same if they have the same key.
func ByKey(key string) Unique { return Unique{by: byKey, key: key} }

// For returns u with the first job counting for a period since it was enqueued, whether it has ended or not.
func (u Unique) For(period time.Duration) Unique {
	u.period = period
	return u
}

// setUnique gives row its unique key.
func (c *Client) setUnique(row *covetmodels.OutboxRow, u Unique, payload []byte, secret bool) error {
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
		digest = c.sealer.digest(text)
	}
	key := "unique:" + hex.EncodeToString(digest)
	row.UniqueKey, row.UniqueAs = &key, key
	if u.period > 0 {
		until := row.CreatedAt.Add(u.period)
		row.UniqueUntil = &until
	}
	return nil
}

// text is what two of the same jobs have in common.
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

// insertUnique inserts row unless its unique key is taken; then it returns the id of the row that has it.
func (s store) insertUnique(ctx context.Context, row *covetmodels.OutboxRow) (existing string, err error) {
	for range 5 {
		inserted, err := s.insertOnce(ctx, row)
		if err != nil || inserted {
			return "", err
		}
		other, err := s.holderOf(ctx, *row.UniqueKey)
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			continue // it has ended in this moment
		case err != nil:
			return "", err
		case other.UniqueUntil == nil || other.UniqueUntil.After(row.CreatedAt):
			return other.ID, nil
		}
		err = s.rows(ctx).Where("id = ? AND unique_key = ?", other.ID, *row.UniqueKey).Update("unique_key", nil).Error
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("its unique key changes hands all the time")
}

// holderOf returns the row that has a unique key. It reads what has been committed by now, not what had been when the
// transaction began, as MySQL does without the lock.
func (s store) holderOf(ctx context.Context, key string) (row covetmodels.OutboxRow, err error) {
	query := s.rows(ctx).Select("id", "unique_until")
	if s.isMySQL() {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthShare})
	}
	err = query.Where("unique_key = ?", key).Take(&row).Error
	return row, err
}

// keyAfter is what the end of a job makes of its unique key: ticks and periods keep theirs.
func keyAfter(state State) clause.Expr {
	if state == Cancelled {
		return gorm.Expr("CASE WHEN unique_as <> '' THEN NULL ELSE unique_key END")
	}
	return gorm.Expr("CASE WHEN unique_as <> '' AND unique_until IS NULL THEN NULL ELSE unique_key END")
}
