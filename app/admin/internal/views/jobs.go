package views

// Queue is a queue of jobs with its counts by state.
type Queue struct {
	Name   string
	Counts []Link
}

// Job is one background job.
type Job struct {
	ID, URL, Kind, Queue, State, Attempts, Error, Payload string
	RunAt, CreatedAt, StartedAt, FinishedAt               string
	Retry, Delete                                         bool
}

// Jobs is the page of background jobs in one state.
type Jobs struct {
	Frame
	State, Only string
	States      []Link
	Queues      []Queue
	Jobs        []Job
	Next        string
}
