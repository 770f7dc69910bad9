package job

// Schedule describes a schedule that a process declares.
type Schedule struct {
	Name, Spec string
	// Kind is the kind of the job; empty if its type is not registered.
	Kind string
	// CatchUp is the number of missed ticks that fire after a downtime.
	CatchUp int
	// SkipOverlap skips ticks while the job of an earlier one has not ended.
	SkipOverlap bool
}
