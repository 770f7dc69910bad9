package job

// Priority is the place of a kind of jobs within its queue.
type Priority int

const (
	// Low jobs go last: while others wait, about one in a hundred is one of them.
	Low Priority = -1
	// Normal is the priority of jobs that declare none.
	Normal Priority = 0
	// High jobs go first: while they wait, about nine in ten are one of them, so that the others still come forward.
	High Priority = 1
)
