// Package progress reports that a step is running, so that no command is silent for longer than two seconds:
//
//	stop := progress.Start(progress.Config{Out: os.Stderr, Animated: true}, "building blog")
//	defer stop()
//
// On a terminal it writes one line with a spinner and the seconds, which is removed at the end. Otherwise it writes a
// plain line from time to time. A step of less than a second writes nothing. There are no colors, so NO_COLOR has no
// effect.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Config configures the report. The zero value of a duration means its default.
type Config struct {
	// Out is where lines are written. Nothing else may write to it until the step has ended.
	Out io.Writer
	// Animated is whether Out is a terminal that can erase a line. Defaults to false.
	Animated bool
	// Delay is the duration of a step after which it is reported. Defaults to 1 second.
	Delay time.Duration
	// Interval is how often it is reported. Defaults to 100 milliseconds when Animated, and to 1.5 seconds otherwise.
	Interval time.Duration
}

func (c Config) withDefaults() Config {
	if c.Delay <= 0 {
		c.Delay = time.Second
	}
	switch {
	case c.Interval > 0:
	case c.Animated:
		c.Interval = 100 * time.Millisecond
	default:
		c.Interval = 1500 * time.Millisecond
	}
	return c
}

// erase moves to the first column and empties the line (ECMA-48 §8.3.41).
const erase = "\r\x1b[2K"

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// Start reports a step, such as "building blog", until stop is called. Stop returns after the last write, and may be
// called more than once.
func Start(config Config, step string) (stop func()) {
	config = config.withDefaults()
	ended := make(chan struct{})
	var reporting sync.WaitGroup
	reporting.Go(func() { config.report(step, ended) })
	return sync.OnceFunc(func() {
		close(ended)
		reporting.Wait()
	})
}

func (c Config) report(step string, ended <-chan struct{}) {
	began := time.Now()
	timer := time.NewTimer(c.Delay)
	defer timer.Stop()
	for round := 0; ; round++ {
		select {
		case <-ended:
			if c.Animated && round > 0 {
				_, _ = io.WriteString(c.Out, erase)
			}
			return
		case <-timer.C:
			timer.Reset(c.Interval)
		}
		seconds := int(time.Since(began).Seconds())
		if c.Animated {
			_, _ = fmt.Fprintf(c.Out, "%s  %c %s, %d s", erase, spinner[round%len(spinner)], step, seconds)
		} else {
			_, _ = fmt.Fprintf(c.Out, "  %s, %d s\n", step, seconds)
		}
	}
}
