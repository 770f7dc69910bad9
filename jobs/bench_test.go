package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
)

// combinations to measure: nothing but Go, and servers.
func benchKits(b *testing.B, bench func(b *testing.B, k *kit)) {
	for name, urls := range map[string][2]string{
		"sqlite+embedded": {"sqlite", "embedded"},
		"postgres+redis":  {"postgres", "redis"},
		"mysql+redis":     {"mysql", "redis"},
	} {
		b.Run(name, func(b *testing.B) {
			bench(b, newKit(b, databases[urls[0]](b), redises[urls[1]](b)))
		})
	}
}

// BenchmarkEnqueue writes rows in transactions of 100.
func BenchmarkEnqueue(b *testing.B) {
	benchKits(b, func(b *testing.B, k *kit) {
		c := k.client(b, covetjobs.Config{}, newWork())
		b.ResetTimer()
		for done := 0; done < b.N; done += 100 {
			err := k.db.Transaction(b.Context(), func(ctx context.Context) error {
				for range min(100, b.N-done) {
					if _, err := c.Enqueue(ctx, Probe{Name: "x"}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	})
}

// BenchmarkWork relays and works rows that have been enqueued before.
func BenchmarkWork(b *testing.B) {
	benchKits(b, func(b *testing.B, k *kit) {
		var ran atomic.Int64
		c := k.client(b, covetjobs.Config{Concurrency: 20}, newWork().on("x", func(context.Context) error {
			ran.Add(1)
			return nil
		}))
		for range b.N {
			enqueue(b, c, Probe{Name: "x"})
		}
		b.ResetTimer()
		if err := c.Start(b.Context(), covetjobs.Roles{Work: true}); err != nil {
			b.Fatal(err)
		}
		await(b, "all jobs", func() bool { return ran.Load() == int64(b.N) })
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		stop(b, c)
	})
}

// BenchmarkLatency measures from the commit of an enqueuing to the start of the job, at 200 jobs a second.
func BenchmarkLatency(b *testing.B) {
	benchKits(b, func(b *testing.B, k *kit) {
		w := newWork()
		c := k.started(b, covetjobs.Config{Concurrency: 20, PollInterval: 500 * time.Millisecond}, w)
		latencies := make([]time.Duration, b.N)
		var left atomic.Int64
		left.Store(int64(b.N))
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		b.ResetTimer()
		for i := range b.N {
			name := fmt.Sprint(i)
			var committed atomic.Int64
			w.on(name, func(context.Context) error {
				latencies[i] = time.Duration(time.Now().UnixNano() - committed.Load())
				left.Add(-1)
				return nil
			})
			committed.Store(time.Now().UnixNano())
			enqueue(b, c, Probe{Name: name})
			<-ticker.C
		}
		await(b, "all jobs", func() bool { return left.Load() == 0 })
		b.StopTimer()
		slices.Sort(latencies)
		b.ReportMetric(float64(latencies[len(latencies)/2])/1e6, "p50-ms")
		b.ReportMetric(float64(latencies[len(latencies)*95/100])/1e6, "p95-ms")
		stop(b, c)
	})
}
