// Package progress reports that a step goes on, so that no command is silent for longer than two seconds:
//
//	stop := progress.Start(progress.Config{Out: os.Stderr, Animated: true}, "building blog")
//	defer stop()
//
// A terminal has one line with a spinner and the seconds, which is removed in the end. Anything else gets a plain line
// from time to time. A step of less than a second leaves nothing. Nothing is coloured, so NO_COLOR changes nothing.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Config says where and how to report. The zero value of a duration means its default.
type Config struct {
	// Out is where lines are written. Nothing else may write there until the step has ended.
	Out io.Writer
	// Animated is whether Out is a terminal that can erase a line. Defaults to false.
	Animated bool
	// Delay is how long a step takes before it is reported. Defaults to 1 second.
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

// Start reports a step, such as "building blog", until stop is called. Stop returns when nothing is written any more,
// and may be called more than once.
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
