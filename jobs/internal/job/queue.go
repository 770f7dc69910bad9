package job

import (
	"fmt"
	"regexp"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// DefaultQueue is the queue of jobs that name none.
const DefaultQueue = "default"

var queueName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ValidateQueue returns an error if no queue can have this name.
func ValidateQueue(name string) error {
	if !queueName.MatchString(name) {
		return fmt.Errorf("queue name %q: expected up to 64 lower-case letters, digits, '.', '_' or '-'", name)
	}
	return nil
}

// PausedQueues returns since when each queue is paused; nil for one that is not any more.
func PausedQueues(rows []covetmodels.JobQueue) map[string]*time.Time {
	paused := make(map[string]*time.Time, len(rows))
	for _, row := range rows {
		paused[row.Name] = row.PausedAt
	}
	return paused
}
