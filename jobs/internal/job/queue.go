package job

import (
	"fmt"
	"regexp"
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
