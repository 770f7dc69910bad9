package job

import (
	"fmt"
	"regexp"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// DefaultQueue is the queue of jobs that do not declare one.
const DefaultQueue = "default"

var queueName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ValidateQueue returns an error unless name is a valid name of a queue.
func ValidateQueue(name string) error {
	if !queueName.MatchString(name) {
		return fmt.Errorf("queue name %q: expected up to 64 lower-case letters, digits, '.', '_' or '-'", name)
	}
	return nil
}

// PausedQueues returns when each queue was paused; nil for a queue that is no longer paused.
func PausedQueues(rows []covetmodels.JobQueue) map[string]*time.Time {
	paused := make(map[string]*time.Time, len(rows))
	for _, row := range rows {
		paused[row.Name] = row.PausedAt
	}
	return paused
}
