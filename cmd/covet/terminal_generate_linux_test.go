package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// changedByHand makes an application with a job that was changed by hand, and returns the application and the job.
func changedByHand(t *testing.T) (app, job string) {
	t.Helper()
	dir := t.TempDir()
	app = filepath.Join(dir, "blog")
	job = filepath.Join(app, "jobs", "sweep.go")
	for _, step := range []struct {
		dir  string
		args []string
	}{
		{dir, []string{"new", "blog", "--no-git", "--no-tidy"}},
		{app, []string{"generate", "job", "sweep", "days:int"}},
	} {
		cmd := exec.CommandContext(t.Context(), "covet", step.args...)
		cmd.Dir = step.dir
		cmd.Env = append(os.Environ(), "GOPROXY=off")
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("covet %s: %v\n%s", strings.Join(step.args, " "), err, output)
		}
	}
	content, err := os.ReadFile(job)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(job, append(content, "\n// mine\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return app, job
}

// What people have changed is asked about: the difference is shown, and only what they agree to is overwritten.
func TestGenerateAsks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, answer string
		code         int
		kept, rest   bool // whether their change stays, and whether the other files are written
	}{
		{"overwrite", "o\n", 0, false, true},
		{"skip", "s\n", 0, true, true},
		{"quit", "q\n", 130, true, false},
		{"an interrupt", "\x03", 130, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			app, job := changedByHand(t)
			s := start(t, app, nil, "generate", "job", "sweep", "weeks:int")
			s.answer("jobs/sweep.go was changed by hand", "what?\nd\n")
			s.answer("-// mine", test.answer)
			if code, output := s.wait(); code != test.code {
				t.Errorf("exit code %d: %q", code, output)
			}
			content, err := os.ReadFile(job)
			if err != nil || strings.Contains(string(content), "// mine") != test.kept {
				t.Errorf("the change stays: %v, %v", !test.kept, err)
			}
			tests, err := os.ReadFile(strings.TrimSuffix(job, ".go") + "_test.go")
			if err != nil || strings.Contains(string(tests), "Weeks") != test.rest {
				t.Errorf("the rest is written: %v, %v", !test.rest, err)
			}
		})
	}
}
