package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// DeleteOldMessages deletes messages that are older than the retention period.
type DeleteOldMessages struct{}

// Work implements the job.
func (DeleteOldMessages) Work(ctx context.Context, d Deps) error {
	deleted := d.DB.With(ctx).Where("created_at < ?", time.Now().Add(-d.Keep)).Delete(&models.Message{})
	if deleted.Error != nil {
		return fmt.Errorf("deleting old messages: %w", deleted.Error)
	}
	d.Log.InfoContext(ctx, "old messages deleted", "count", deleted.RowsAffected)
	return nil
}
