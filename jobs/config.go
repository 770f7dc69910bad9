package jobs

import (
	"errors"
	"fmt"
	"time"
)

// Config configures how jobs are relayed and run. A zero field means its default.
type Config struct {
	// Concurrency is the number of jobs that run at the same time in this process. Defaults to 10.
	Concurrency int `default:"10" min:"0" doc:"number of jobs that run at the same time in one process"`
	// Queues are the queues that workers take jobs from, with their weights: while both hold jobs, a queue of weight 6
	// is polled three times as often as one of weight 2. Defaults to the queues of all registered jobs, with equal
	// weights.
	Queues map[string]int `doc:"queues that workers take jobs from, with their weights (empty: the queues of all jobs)"`
	// StrictPriority takes jobs from a queue only while all queues of greater weight are empty. Defaults to false.
	StrictPriority bool `doc:"take jobs from a queue only while all queues of greater weight are empty"`
	// PollInterval is how often the relay looks for rows that other processes wrote. Rows of this process wake it
	// immediately. Defaults to 500 milliseconds.
	PollInterval time.Duration `default:"500ms" min:"0s" doc:"how often the relay looks for jobs of other processes"`
	// Lease is how long a running job belongs to its worker without an extension. Jobs of a killed worker run again
	// after it. It must exceed the longest expected outage of the database and the difference between the machines'
	// clocks. Defaults to 20 seconds.
	Lease time.Duration `default:"20s" min:"0s" doc:"time after which jobs of a lost worker run again"`
	// ShutdownTimeout is how long running jobs may take to finish when the process stops. Then their context is
	// cancelled and they return to the queue. Defaults to 25 seconds.
	ShutdownTimeout time.Duration `default:"25s" min:"0s" doc:"time for running jobs to finish at shutdown"`
	// Retention is how long rows of done and cancelled jobs are kept. Rows of scheduled jobs are kept for at least an
	// hour. Defaults to 24 hours.
	Retention time.Duration `default:"24h" min:"0s" doc:"how long finished jobs are kept"`
	// DeadRetention is how long rows of dead jobs are kept. Defaults to 30 days.
	DeadRetention time.Duration `default:"720h" min:"0s" doc:"how long dead jobs are kept"`
	// Keys encrypt the arguments of kinds with Options.Encrypt. Each has 32 bytes. The first key encrypts and all keys
	// decrypt, so that waiting jobs survive a change of the key. Applications derive them from SECRET_KEY and
	// OLD_SECRET_KEYS. Defaults to none: such jobs cannot be enqueued.
	Keys [][]byte `config:"-"`
	// MaxLosses is how many consecutive runs of a job may lose their worker, which was killed or ran out of memory.
	// Then the job is dead, as it may be what kills the workers. While other workers are lost without this job, it is
	// only suspect and has three times as many runs; with 1 it has none. Defaults to 5.
	MaxLosses int `default:"5" min:"0" doc:"consecutive lost workers after which a job is dead"`
	// Clock returns the current time. Tests replace it to run delayed jobs. Defaults to time.Now.
	Clock func() time.Time `config:"-"`
}

// WithDefaults returns the configuration with its zero fields replaced by their defaults.
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

// minLease leaves time for the four extensions that a worker makes per lease, on a slow database.
const minLease = time.Second

// Validate returns all invalid fields.
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
