package jobs

import (
	"context"
	"fmt"
)

// CountAll counts the rows that f selects, and stops at most: how many [Client.RetryAll] and its like would look at.
func (c *Client) CountAll(ctx context.Context, f Filter, most int) (int, error) {
	if !f.storable() {
		return 0, nil
	}
	n, err := c.store.countSome(ctx, f, most)
	if err != nil {
		return 0, fmt.Errorf("counting jobs: %w", err)
	}
	return n, nil
}

func (s store) countSome(ctx context.Context, f Filter, most int) (n int, err error) {
	selected := f.narrow(s.rows(ctx).Select("1").Where("state IN ?", f.among(allStates[:]...))).Limit(most)
	err = s.db.With(ctx).Raw("SELECT count(*) FROM (?) AS selected", selected).Scan(&n).Error
	return n, err
}
