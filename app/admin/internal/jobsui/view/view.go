// Package view holds the pages about background jobs: templ components and what they show, as text that the templates
// escape.
package view

// Link leads to a page.
type Link struct {
	Text, URL string
	Current   bool
}

// Option is one choice of a control.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Pair is a hidden field of a form.
type Pair struct{ Name, Value string }

// Fact is a term and what is known about it.
type Fact struct{ Name, Value string }

// Button changes jobs.
type Button struct {
	Name, Label string
	Danger      bool
}

// Live is how a page follows what changes: the address of its events, and the version of what it shows.
type Live struct {
	Events, Version, Self string
}

// Frame is what the pages about jobs have in common.
type Frame struct {
	Live
	Title string
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

// Overview is the first page about jobs.
type Overview struct {
	Frame
	QueuePath   string // where the form of a queue posts to
	Hints       []Hint
	Ranges      []Link
	Charts      []Chart
	Headers     []string // of the counts of queues
	Queues      []Queue
	Workers     []Worker
	ShowWorkers bool
	Known       bool // whether there are numbers
}

// Row is a job in a list.
type Row struct {
	ID, URL, Kind, Queue, State, Attempts, When, Machine, Error, Problem string
}

// List is a page of jobs.
type List struct {
	Frame
	BulkPath, Path, State, Kind, Error, Only string
	Empty                                    string // what is said where there are no jobs
	Kinds                                    []string
	Queues, Since                            []Option
	Hidden                                   []Pair // the rest of the filter
	Restricted                               bool
	Clear                                    string
	Jobs                                     []Row
	Bulk                                     []Button
	Query, Back, First, Next                 string
}

// Confirm asks before many jobs are changed.
type Confirm struct {
	Title, Text, Action, Verb, Button, Query, Back string
	IDs                                            []string
	Danger                                         bool
}

// Job is the page of one job.
type Job struct {
	Frame
	ID, URL, Kind, Queue, State, Problem, Attempts, Error, Stack string
	Facts                                                        []Fact
	Done, Total, Progress                                        string
	Arguments, Result                                            string
	Encrypted                                                    bool
	Chain                                                        []Row
	Batch                                                        []Fact
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
	Frame
	Path      string
	Schedules []Schedule
	Unread    bool // they could not be read
}
