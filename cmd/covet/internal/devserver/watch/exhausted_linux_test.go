package watch_test

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

// The limits of a user namespace of its own are set without touching those of the machine.
func TestPollsWithoutEvents(t *testing.T) {
	t.Parallel()
	if os.Getenv("COVET_TEST_LIMITS") != "" {
		pollOnly(t)
		return
	}
	for _, limit := range []string{"max_inotify_watches", "max_inotify_instances"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "COVET_TEST_LIMITS="+limit)
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		output, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
			t.Logf("this system makes no user namespaces: %v", err)
			return
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", limit, err, output)
		}
	}
}

func pollOnly(t *testing.T) {
	limit := os.Getenv("COVET_TEST_LIMITS")
	value := map[string]string{"max_inotify_watches": "2", "max_inotify_instances": "0"}[limit]
	p := &project{t: t, root: t.TempDir()}
	p.check(os.WriteFile("/proc/sys/user/"+limit, []byte(value), 0o600))
	p.write("app/app.go", "package app")
	p.write("app/posts/posts.go", "package posts")
	w, err := watch.Open(watch.Config{Root: p.root, Interval: time.Millisecond})
	p.check(err)
	defer w.Close()
	p.w = w
	if err := w.Polling(); err == nil {
		t.Error("there are events beyond the limit")
	}
	p.write("app/posts/posts.go", "package posts // changed")
	p.next("app/posts/posts.go")
}
