package models

import "time"

// JobQueue is the state of a queue that administrators changed. Other queues have no row.
type JobQueue struct {
	// Name is the queue.
	Name string `gorm:"primaryKey;size:64"`
	// PausedAt is when the queue was paused; nil if it is not paused.
	PausedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_job_queues.
func (JobQueue) TableName() string { return "covet_job_queues" }

// JobWorker is a process that relays or runs background jobs. It writes its row every few seconds and deletes it when
// it stops; the row of a killed process is deleted later.
type JobWorker struct {
	// ID is the Holder in the rows of the jobs that it is running.
	ID string `gorm:"primaryKey;size:36"`
	// Host and PID identify the process.
	Host string `gorm:"size:255;not null"`
	PID  int    `gorm:"column:pid;not null"`
	// Works is false for a process that only relays.
	Works bool `gorm:"not null"`
	// Queues is a JSON object of the queues that it serves, with their weights.
	Queues string `gorm:"not null"`
	// Concurrency is how many jobs may run at the same time, and Running how many ran at SeenAt.
	Concurrency int `gorm:"not null"`
	Running     int `gorm:"not null"`
	// Stopping is true while the process waits for its last jobs.
	Stopping bool `gorm:"not null"`
	// Suspects is, once the process is lost, the number of its jobs that may be the reason, because they have lost many
	// workers before.
	Suspects int `gorm:"not null"`
	// StartedAt is when it started, and SeenAt its latest heartbeat.
	StartedAt time.Time `gorm:"precision:6;not null"`
	SeenAt    time.Time `gorm:"precision:6;not null"`
}

// TableName is the table, covet_job_workers.
func (JobWorker) TableName() string { return "covet_job_workers" }

// JobStat counts the runs of one worker in one minute and queue.
type JobStat struct {
	// Minute is the begin of the minute.
	Minute time.Time `gorm:"primaryKey;precision:6"`
	Queue  string    `gorm:"primaryKey;size:64"`
	Worker string    `gorm:"primaryKey;size:36"`
	// Done is the number of runs that succeeded, Failed of those that will be retried, and Dead of those that will not.
	Done   int64 `gorm:"not null"`
	Failed int64 `gorm:"not null"`
	Dead   int64 `gorm:"not null"`
	// RunUS is the sum of the durations of the runs, and WaitUS of the times between due and start, in microseconds.
	RunUS  int64 `gorm:"column:run_us;not null"`
	WaitUS int64 `gorm:"column:wait_us;not null"`
	// RunBuckets and WaitBuckets are histograms as JSON arrays: how many took less than 1, 2, 4, 8, … milliseconds.
	RunBuckets  string `gorm:"not null"`
	WaitBuckets string `gorm:"not null"`
}

// TableName is the table, covet_job_stats.
func (JobStat) TableName() string { return "covet_job_stats" }

// JobSchedule is the stored state of a schedule.
type JobSchedule struct {
	Name string `gorm:"primaryKey;size:150"`
	// Spec and Kind are those of the process that last wrote the row.
	Spec string `gorm:"size:191;not null"`
	Kind string `gorm:"size:191;not null"`
	// LastTick is the latest tick that was fired or skipped. LastJobID is the job of the latest tick that was fired.
	LastTick  *time.Time `gorm:"precision:6"`
	LastJobID string     `gorm:"column:last_job_id;size:36;not null"`
	// SeenAt is when a worker last started with the schedule.
	SeenAt time.Time `gorm:"precision:6;not null"`
}

// TableName is the table, covet_job_schedules.
func (JobSchedule) TableName() string { return "covet_job_schedules" }

// JobBatch is a set of jobs and a callback that runs when all of them have ended.
type JobBatch struct {
	// ID is a UUID version 7.
	ID string `gorm:"primaryKey;size:36"`
	// Total is the number of jobs; Done, Dead and Cancelled count their ends so far.
	Total     int `gorm:"not null"`
	Done      int `gorm:"not null"`
	Dead      int `gorm:"not null"`
	Cancelled int `gorm:"not null"`
	// CallbackID is the job that runs when all have ended; nil for none.
	CallbackID *string `gorm:"size:36"`
	// CreatedAt is when the batch was enqueued, and FinishedAt when its last job ended.
	CreatedAt  time.Time  `gorm:"precision:6;not null"`
	FinishedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_job_batches.
func (JobBatch) TableName() string { return "covet_job_batches" }
