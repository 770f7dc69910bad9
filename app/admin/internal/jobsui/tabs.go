package jobsui

import (
	"slices"

	"github.com/covetgo/covet/jobs"
)

// tab is a list of jobs by the states that users distinguish.
type tab struct {
	name, title string
	empty       string       // what a list without jobs says
	states      []jobs.State // none for all
	retrying    bool         // only jobs that wait for another attempt
}

// tabs are the lists in the order of their links.
func tabs() []tab {
	waiting := []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}
	return []tab{
		{name: "dead", title: "Failed", empty: "No job has failed for good.", states: []jobs.State{jobs.Dead}},
		{name: "waiting", title: "Waiting", empty: "No job waits.", states: waiting},
		{name: "retrying", title: "Retrying", empty: "No job waits for another attempt.", states: waiting, retrying: true},
		{name: "running", title: "Running", empty: "No job runs at the moment.", states: []jobs.State{jobs.Running}},
		{
			name: "done", title: "Done", states: []jobs.State{jobs.Done},
			empty: "No job is done. Those that were are deleted after jobs.retention.",
		},
		{name: "cancelled", title: "Cancelled", empty: "No job is cancelled.", states: []jobs.State{jobs.Cancelled}},
		{name: "all", title: "All", empty: "There are no jobs."},
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

// stateName is what pages call a state.
func stateName(state jobs.State) string {
	names := map[jobs.State]string{
		jobs.Held: "Waits for other jobs", jobs.Pending: "Waiting", jobs.Dispatched: "Handed over", jobs.Running: "Running",
		jobs.Done: "Done", jobs.Dead: "Failed", jobs.Cancelled: "Cancelled",
	}
	return names[state]
}
