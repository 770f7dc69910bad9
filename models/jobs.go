package models

import "time"

// JobQueue is what people have decided about a queue of background jobs. Queues that nobody has touched have no row.
type JobQueue struct {
	// Name is the queue.
	Name string `gorm:"primaryKey;size:64"`
	// PausedAt is the time since when no job of the queue is started; nil if they are.
	PausedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_job_queues.
func (JobQueue) TableName() string { return "covet_job_queues" }

// JobWorker is a process that relays or works background jobs. It writes its row every few seconds, and takes it away
// when it stops; the row of one that was killed goes later.
type JobWorker struct {
	// ID is what the rows of the jobs that it runs have as Holder.
	ID string `gorm:"primaryKey;size:36"`
	// Host and PID say which process it is.
	Host string `gorm:"size:255;not null"`
	PID  int    `gorm:"column:pid;not null"`
	// Works is false for a process that only relays.
	Works bool `gorm:"not null"`
	// Queues is a JSON object of the queues that are worked, with their weights.
	Queues string `gorm:"not null"`
	// Concurrency is how many jobs run at a time, and Running how many did at SeenAt.
	Concurrency int `gorm:"not null"`
	Running     int `gorm:"not null"`
	// Stopping is true while the process lets its last jobs finish.
	Stopping bool `gorm:"not null"`
	// Suspects counts, once the process is lost, those jobs of it that may be the reason: they have lost many before.
	Suspects int `gorm:"not null"`
	// StartedAt is the time of its start, SeenAt of its latest sign of life.
	StartedAt time.Time `gorm:"precision:6;not null"`
	SeenAt    time.Time `gorm:"precision:6;not null"`
}

// TableName is the table, covet_job_workers.
func (JobWorker) TableName() string { return "covet_job_workers" }

// JobStat is what one worker did in one minute in one queue.
type JobStat struct {
	// Minute is its beginning.
	Minute time.Time `gorm:"primaryKey;precision:6"`
	Queue  string    `gorm:"primaryKey;size:64"`
	Worker string    `gorm:"primaryKey;size:36"`
	// Done counts the runs that succeeded, Failed those that will be tried again, and Dead those that will not.
	Done   int64 `gorm:"not null"`
	Failed int64 `gorm:"not null"`
	Dead   int64 `gorm:"not null"`
	// RunUS and WaitUS are sums of microseconds: of the runs, and of the time that their jobs were due before.
	RunUS  int64 `gorm:"column:run_us;not null"`
	WaitUS int64 `gorm:"column:wait_us;not null"`
	// RunBuckets and WaitBuckets are JSON arrays: how many took less than 1, 2, 4, 8, … milliseconds.
	RunBuckets  string `gorm:"not null"`
	WaitBuckets string `gorm:"not null"`
}

// TableName is the table, covet_job_stats.
func (JobStat) TableName() string { return "covet_job_stats" }

// JobSchedule is what is remembered of a schedule.
type JobSchedule struct {
	Name string `gorm:"primaryKey;size:150"`
	// Spec and Kind are those of the process that wrote the row last.
	Spec string `gorm:"size:191;not null"`
	Kind string `gorm:"size:191;not null"`
	// LastTick is the latest tick that is settled: it has fired, or was skipped by a policy. LastJobID is the job of the
	// latest firing.
	LastTick  *time.Time `gorm:"precision:6"`
	LastJobID string     `gorm:"column:last_job_id;size:36;not null"`
	// SeenAt is when a worker last started with the schedule.
	SeenAt time.Time `gorm:"precision:6;not null"`
}

// TableName is the table, covet_job_schedules.
func (JobSchedule) TableName() string { return "covet_job_schedules" }

// JobBatch is a set of jobs, after whose end a further one runs.
type JobBatch struct {
	// ID is a UUID version 7.
	ID string `gorm:"primaryKey;size:36"`
	// Total counts the jobs; Done, Dead and Cancelled how they ended so far.
	Total     int `gorm:"not null"`
	Done      int `gorm:"not null"`
	Dead      int `gorm:"not null"`
	Cancelled int `gorm:"not null"`
	// CallbackID is the job that runs when all have ended; nil if there is none.
	CallbackID *string `gorm:"size:36"`
	// CreatedAt is the time of the enqueueing, FinishedAt of the end of the last job.
	CreatedAt  time.Time  `gorm:"precision:6;not null"`
	FinishedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_job_batches.
func (JobBatch) TableName() string { return "covet_job_batches" }
