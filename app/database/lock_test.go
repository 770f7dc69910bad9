package database_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
)

func TestLock(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := open(t, database.Config{URL: url})
		other := db
		if url != "sqlite::memory:" {
			other = open(t, database.Config{URL: url}) // as another process would
		}
		name := "migrate, with a name that is " + strings.Repeat("very ", 20) + "long"
		lock, err := db.TryLock(t.Context(), name)
		must(t, err)
		if _, err := other.TryLock(t.Context(), name); !errors.Is(err, database.ErrLocked) {
			t.Errorf("second TryLock: error is %v, want ErrLocked", err)
		}
		another, err := other.TryLock(t.Context(), "another")
		must(t, err)
		must(t, another.Release(t.Context()))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := other.Lock(ctx, name); !errors.Is(err, database.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting in vain: error is %v, want ErrLocked and DeadlineExceeded", err)
		}

		got := make(chan error, 1)
		go func() {
			lock, err := other.Lock(t.Context(), name)
			if err == nil {
				err = lock.Release(t.Context())
			}
			got <- err
		}()
		must(t, lock.Release(t.Context()))
		must(t, lock.Release(t.Context())) // again, without effect
		must(t, <-got)
	})
}

// TestLockEndsWithProcess kills a process that holds a lock.
func TestLockEndsWithProcess(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		if url == "sqlite::memory:" {
			return // no other process can reach it
		}
		child := exec.CommandContext(t.Context(), os.Args[0]) // this test binary
		child.Env = append(os.Environ(), "COVET_TEST_HOLD_LOCK=leader", "COVET_TEST_URL="+url)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
			t.Fatalf("child said %q, error %v", line, err)
		}
		db := open(t, database.Config{URL: url})
		if _, err := db.TryLock(t.Context(), "leader"); !errors.Is(err, database.ErrLocked) {
			t.Errorf("while the child lives: error is %v, want ErrLocked", err)
		}
		must(t, child.Process.Kill())
		_ = child.Wait() // killed
		eventually(t, "the end of the lock", func() bool {
			lock, err := db.TryLock(t.Context(), "leader")
			if err == nil {
				must(t, lock.Release(t.Context()))
			}
			return err == nil
		})
	})
}

// holdLock is the child process: it takes a lock and waits to be killed.
func holdLock(name string) {
	db, err := database.Open(database.Config{URL: os.Getenv("COVET_TEST_URL")}, nil, drivers...)
	if err == nil {
		_, err = db.TryLock(context.Background(), name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("locked")
	<-time.After(time.Minute)
}
