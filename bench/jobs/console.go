package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// console is how long the questions of the console and the admin take on a table with many rows of done jobs, some dead
// ones and some that wait.
func console(ctx context.Context, out io.Writer, s size) error {
	if s.rows == 0 {
		return nil
	}
	for _, where := range []struct {
		name    string
		servers bool
	}{{"PostgreSQL", true}, {"SQLite", false}} {
		if err := consoleOn(ctx, out, where.name, where.servers, s); err != nil {
			return err
		}
	}
	return nil
}

func consoleOn(ctx context.Context, out io.Writer, name string, servers bool, s size) (err error) {
	k, err := newKit(ctx, servers, covetjobs.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close(ctx)) }()
	if err := fillTable(ctx, k, s.rows); err != nil {
		return err
	}
	dead := []covetjobs.State{covetjobs.Dead}
	for _, question := range []struct {
		what string
		ask  func() error
	}{
		{"queues", func() error { _, err := k.client.Inspector().Queues(ctx); return err }},
		{"counts of all states", func() error { _, err := k.client.Inspector().Count(ctx); return err }},
		{"first page of all", func() error { return firstPage(ctx, k, inspect.Filter{}) }},
		{"dead jobs with a text in their error", func() error { return firstPage(ctx, k, inspect.Filter{States: dead, Error: "timeout"}) }},
		{"a kind that no row has", func() error { return firstPage(ctx, k, inspect.Filter{Kind: "nobody"}) }},
	} {
		var took []float64
		for range s.rounds {
			begun := time.Now()
			if err := question.ask(); err != nil {
				return fmt.Errorf("%s: %w", question.what, err)
			}
			took = append(took, time.Since(begun).Seconds()*1000)
		}
		slices.Sort(took)
		report(out, fmt.Sprintf("%s, %s", name, question.what),
			fmt.Sprintf("%.0f ms, at most %.0f ms", median(took), took[len(took)-1]), "nothing")
	}
	return nil
}

func firstPage(ctx context.Context, k *kit, f inspect.Filter) error {
	_, err := k.client.Inspector().Rows(ctx, f, "", 0)
	return err
}

// fillTable makes n rows: of a hundred, 98 are done, one is dead, and one waits for tomorrow.
func fillTable(ctx context.Context, k *kit, n int) error {
	const batch = 1000
	jobs := make([]any, batch)
	for done := 0; done < n; done += batch {
		for i := range jobs {
			jobs[i] = Noop{Number: done + i}
		}
		ids, err := k.client.EnqueueMany(ctx, jobs, covetjobs.In(24*time.Hour))
		if err != nil {
			return err
		}
		at := time.Now().UTC().Add(time.Duration(done-n) * time.Millisecond)
		ended := ids[batch/100:]
		rows := func() *covetmodels.OutboxRow { return new(covetmodels.OutboxRow) }
		if err := k.db.With(ctx).Model(rows()).Where("id IN ?", ended).
			Updates(map[string]any{"state": covetjobs.Done, "run_at": at, "finished_at": at}).Error; err != nil {
			return err
		}
		if err := k.db.With(ctx).Model(rows()).Where("id IN ?", ended[:batch/100]).
			Updates(map[string]any{"state": covetjobs.Dead, "last_error": "timeout awaiting response headers"}).Error; err != nil {
			return err
		}
	}
	return nil
}
