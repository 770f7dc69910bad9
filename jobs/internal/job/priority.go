package job

// Priority is the priority of a kind of jobs within its queue.
type Priority int

const (
	// Low jobs run last: while others wait, about one in a hundred jobs is a low one.
	Low Priority = -1
	// Normal is the default priority.
	Normal Priority = 0
	// High jobs run first: while they wait, about nine in ten jobs are high ones, so that the others are not starved.
	High Priority = 1
)
