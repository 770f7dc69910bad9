package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
)

// rate is how many requests a second the stream sends.
const rate = 50

// stream sends requests at a steady rate, each on its own, while good edits follow each other, and counts failures.
func (b *bench) stream(ctx context.Context, edits int) error {
	streaming, stop := context.WithCancel(ctx)
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		failed []error
		waits  []time.Duration
	)
	wg.Go(func() {
		ticker := time.NewTicker(time.Second / rate)
		defer ticker.Stop()
		for {
			select {
			case <-streaming.Done():
				return
			case <-ticker.C:
			}
			wg.Go(func() {
				begun := time.Now()
				err := get(ctx, b.address+"/measured") // sees its end though the stream stops
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, time.Since(begun))
				if err != nil {
					failed = append(failed, err)
				}
			})
		}
	})
	var err error
	for i := 0; i < edits && err == nil; i++ {
		_, err = b.editGo(ctx, fmt.Sprintf("stream%d", i))
	}
	stop()
	wg.Wait()
	if err != nil {
		return err
	}
	slices.Sort(waits)
	fmt.Printf("\n%d requests at %d a second during %d good edits: %d failed; median %.0f ms, longest %.0f ms (held during builds)\n",
		len(waits), rate, edits, len(failed), milliseconds(waits[len(waits)/2]), milliseconds(waits[len(waits)-1]))
	for _, err := range failed[:min(len(failed), 5)] {
		fmt.Println("  ", err)
	}
	return nil
}

// rest adds files to the application and watches what the loop needs when nothing happens.
func (b *bench) rest(ctx context.Context, files int, idle time.Duration) error {
	if runtime.GOOS != "linux" {
		fmt.Println("memory and processor time are read on Linux only")
		return nil
	}
	for i := range files {
		path := filepath.Join(b.served, "notes", fmt.Sprint(i/100), fmt.Sprint(i)+".md")
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte("a note\n"), 0o600); err != nil {
			return err
		}
	}
	settle := time.NewTimer(5 * time.Second)
	select {
	case <-settle.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	before, _, err := usage(b.loop.Process.Pid)
	if err != nil {
		return err
	}
	select {
	case <-time.After(idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, resident, err := usage(b.loop.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("at rest with %d files more: %.1f MB resident, %.2f %% of a processor over %s\n",
		files, float64(resident)/1e6, 100*float64(after-before)/float64(idle), idle)
	return nil
}
