package views

// Live is how a page follows what changes: the address of its events, and the version of what it shows.
type Live struct {
	Events, Version, Self string
}

// JobsFrame is what the pages about jobs have in common.
type JobsFrame struct {
	Frame
	Live
	Tabs  []Tab
	Fault string // why numbers are missing or old; empty if they are neither
}

// Tab leads to a list of jobs, with how many there are.
type Tab struct {
	Link
	Count string
}

// Hint is something that needs attention.
type Hint struct{ Text, URL, Action string }

// Legend names one series of a chart; Class is that of its shapes.
type Legend struct{ Class, Text string }

// Shape is a rectangle of a chart.
type Shape struct{ Class, X, Y, Width, Height string }

// Path is a line of a chart.
type Path struct{ Class, D string }

// Mark is a label of an axis; At is how far from its beginning, in percent.
type Mark struct{ At, Text string }

// Chart is a figure, and the table of what it shows.
type Chart struct {
	ID, Title, Summary string
	Legend             []Legend
	Marks, TimeMarks   []Mark // of the axes
	Grid               string // data of the path of the lines at Marks
	Shapes             []Shape
	Paths              []Path
	Headers            []string
	Rows               [][]string
}

// Queue is a queue of jobs. Counts are those of the headers of the page.
type Queue struct {
	Name, Oldest, Problem, Workers string
	Counts                         []Link
	Paused                         string // since when; empty if it is not
	CanPause                       bool
}

// Worker is a process that works jobs.
type Worker struct {
	Host, PID, State, Running, Queues, Started, Seen string
	Lost                                             bool
}

// JobsOverview is the first page about jobs.
type JobsOverview struct {
	JobsFrame
	Hints       []Hint
	Ranges      []Link
	Charts      []Chart
	Headers     []string // of the counts of queues
	Queues      []Queue
	Workers     []Worker
	ShowWorkers bool
	Known       bool // whether there are numbers
}

// JobRow is a job in a list.
type JobRow struct {
	ID, URL, Kind, Queue, State, Attempts, When, Machine, Error, Problem string
}

// JobsList is a page of jobs.
type JobsList struct {
	JobsFrame
	Path, State, Kind, Error, Only string
	Empty                          string // what is said where there are no jobs
	Kinds                          []string
	Queues, Since                  []Option
	Hidden                         []Pair // the rest of the filter
	Restricted                     bool
	Clear                          string
	Jobs                           []JobRow
	Bulk                           []Button
	Query, Back, First, Next       string
}

// JobsConfirm asks before many jobs are changed.
type JobsConfirm struct {
	Frame
	Text, Action, Verb, Button, Query, Back string
	IDs                                     []string
	Danger                                  bool
}

// Job is the page of one job.
type Job struct {
	JobsFrame
	ID, URL, Kind, Queue, State, Problem, Attempts, Error, Stack string
	Facts                                                        []Link
	Done, Total, Progress                                        string
	Arguments, Result                                            string
	Encrypted                                                    bool
	Chain                                                        []JobRow
	Batch                                                        []Link
	BatchURL                                                     string
	Retry, Cancel, Delete                                        bool
}

// Schedule is one schedule.
type Schedule struct {
	Name, Spec, Kind, Zone, Policy string
	Next                           []string
	Last                           string
	LastJob                        Link
	CanRun                         bool
}

// Schedules is the page of all schedules.
type Schedules struct {
	JobsFrame
	Path      string
	Schedules []Schedule
	Unread    bool // they could not be read
}
