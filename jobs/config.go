package jobs

import (
	"errors"
	"fmt"
	"time"
)

// Config is how jobs are relayed and worked. The zero value of every field means its default.
type Config struct {
	// Concurrency is the number of jobs that run at a time in this process. Defaults to 10.
	Concurrency int `default:"10" min:"0" doc:"jobs that run at a time in one process"`
	// Queues are the queues worked, with their weights: of two queues that both hold jobs, one of weight 6 is asked
	// three times as often as one of weight 2. Defaults to the queues of all registered jobs, with equal weights.
	Queues map[string]int `doc:"queues that are worked, with their weights (empty: the queues of all jobs)"`
	// StrictPriority asks a queue only while all those of greater weight are empty. Defaults to false.
	StrictPriority bool `doc:"work a queue only while those of greater weight are empty"`
	// PollInterval is how often the relay looks for rows that other processes wrote. Rows of this process wake it at
	// once. Defaults to 500 milliseconds.
	PollInterval time.Duration `default:"500ms" min:"0s" doc:"how often jobs written by other processes are looked for"`
	// Lease is how long a running job belongs to its worker unless it is extended. Jobs of a worker that was killed
	// run again after it. It must be longer than the database may be unavailable, and than the clocks of the
	// machines differ. Defaults to 20 seconds.
	Lease time.Duration `default:"20s" min:"0s" doc:"time after which jobs of a lost worker run again"`
	// ShutdownTimeout is how long running jobs may take to finish when the process stops; then their context is
	// cancelled and they go back to the queue. Defaults to 25 seconds.
	ShutdownTimeout time.Duration `default:"25s" min:"0s" doc:"time that running jobs have to finish at shutdown"`
	// Retention is how long rows of done and cancelled jobs are kept; those of schedules at least an hour. Defaults
	// to 24 hours.
	Retention time.Duration `default:"24h" min:"0s" doc:"how long finished jobs are kept"`
	// DeadRetention is how long rows of dead jobs are kept. Defaults to 30 days.
	DeadRetention time.Duration `default:"720h" min:"0s" doc:"how long dead jobs are kept"`
	// Keys encrypt the arguments of kinds with Options.Encrypt: 32 bytes each. The first one encrypts, and all of them
	// decrypt, so that jobs wait through a change of the key. An application derives them from SECRET_KEY and
	// OLD_SECRET_KEYS. Defaults to none: such jobs cannot be enqueued.
	Keys [][]byte `config:"-"`
	// MaxLosses is how many runs in a row may be lost with their worker, which was killed or ran out of memory. Then
	// the job is dead: it may be poison that kills the workers. While that is unclear, as workers were lost without
	// it, too, it has three times as many; with 1 there is no such doubt. Defaults to 5.
	MaxLosses int `default:"5" min:"0" doc:"how often in a row a job may lose its worker before it is dead"`
	// Clock returns the time. Tests replace it, to see delayed jobs run. Nothing configures it. Defaults to time.Now.
	Clock func() time.Time `config:"-"`
}

// WithDefaults returns the configuration with zero fields replaced by their defaults.
func (c Config) WithDefaults() Config {
	c.Concurrency = orDefault(c.Concurrency, 10)
	c.MaxLosses = orDefault(c.MaxLosses, 5)
	c.PollInterval = orDefault(c.PollInterval, 500*time.Millisecond)
	c.Lease = orDefault(c.Lease, 20*time.Second)
	c.ShutdownTimeout = orDefault(c.ShutdownTimeout, 25*time.Second)
	c.Retention = orDefault(c.Retention, 24*time.Hour)
	c.DeadRetention = orDefault(c.DeadRetention, 30*24*time.Hour)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// shortest lease: the worker extends it four times before it ends, through a database that may be slow.
const minLease = time.Second

// Validate returns everything that is wrong, by field.
func (c Config) Validate() error {
	var errs []error
	for _, field := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"poll_interval", c.PollInterval, time.Millisecond},
		{"lease", c.Lease, minLease},
		{"shutdown_timeout", c.ShutdownTimeout, 0},
		{"retention", c.Retention, 0},
		{"dead_retention", c.DeadRetention, 0},
	} {
		if field.value < field.least {
			errs = append(errs, fmt.Errorf("jobs.%s is %v, expected at least %v", field.name, field.value, field.least))
		}
	}
	if c.Concurrency < 1 {
		errs = append(errs, fmt.Errorf("jobs.concurrency is %d, expected at least 1", c.Concurrency))
	}
	if c.MaxLosses < 1 {
		errs = append(errs, fmt.Errorf("jobs.max_losses is %d, expected at least 1", c.MaxLosses))
	}
	for name, weight := range c.Queues {
		if err := ValidateQueue(name); err != nil {
			errs = append(errs, fmt.Errorf("jobs.queues: %w", err))
		}
		if weight < 1 {
			errs = append(errs, fmt.Errorf("jobs.queues: weight of %q is %d, expected at least 1", name, weight))
		}
	}
	return errors.Join(errs...)
}
