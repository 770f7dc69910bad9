package jobsui

import (
	"context"
	"slices"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/jobs"
)

// tab is a list of jobs by the states that users distinguish. The texts jobs.tab and jobs.tab_empty have its name.
type tab struct {
	name     string
	states   []jobs.State // none for all
	retrying bool         // only jobs that wait for another attempt
}

// title returns the link to the list.
func (t tab) title(ctx context.Context) string { return words.T(ctx, "jobs.tab."+t.name) }

// empty returns what a list without jobs says.
func (t tab) empty(ctx context.Context) string { return words.T(ctx, "jobs.tab_empty."+t.name) }

// tabs are the lists in the order of their links.
func tabs() []tab {
	waiting := []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}
	return []tab{
		{name: "dead", states: []jobs.State{jobs.Dead}},
		{name: "waiting", states: waiting},
		{name: "retrying", states: waiting, retrying: true},
		{name: "running", states: []jobs.State{jobs.Running}},
		{name: "done", states: []jobs.State{jobs.Done}},
		{name: "cancelled", states: []jobs.State{jobs.Cancelled}},
		{name: "all"},
	}
}

// tabOf returns the name of the list with the jobs of a state.
func tabOf(state jobs.State) string {
	for _, tab := range tabs() {
		if slices.Contains(tab.states, state) {
			return tab.name
		}
	}
	return "all"
}

// countedTabs are the lists whose numbers the table of queues shows.
func countedTabs() []tab {
	return slices.DeleteFunc(tabs(), func(tab tab) bool { return tab.retrying || len(tab.states) == 0 })
}

// stateKeys are the texts of states.
var stateKeys = map[jobs.State]string{
	jobs.Held: words.ID("jobs.state.held"), jobs.Pending: words.ID("jobs.state.pending"),
	jobs.Dispatched: words.ID("jobs.state.dispatched"), jobs.Running: words.ID("jobs.state.running"),
	jobs.Done: words.ID("jobs.state.done"), jobs.Dead: words.ID("jobs.state.dead"),
	jobs.Cancelled: words.ID("jobs.state.cancelled"),
}

// stateName is what pages call a state.
func stateName(ctx context.Context, state jobs.State) string { return words.T(ctx, stateKeys[state]) }
