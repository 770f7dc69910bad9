package scaffold_test

import (
	"os"
	"strings"
	"testing"
)

// The health check of the worker in the compose file asks where the worker answers, with the program that the image
// has.
func TestComposeChecksTheWorker(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		content, err := os.ReadFile("skeleton/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	_, worker, found := strings.Cut(read("docker-compose.yml"), "\n  worker:\n")
	worker, _, ended := strings.Cut(worker, "\n\n")
	if !found || !ended {
		t.Fatal("the compose file has no worker")
	}
	address := between(worker, `[worker, --liveness, "`, `"]`)
	program := between(read("Dockerfile"), `ENTRYPOINT ["`, `"]`)
	if address == "" || program == "" {
		t.Fatalf("the worker answers on %q, and the program is %q", address, program)
	}
	if check := "test: [CMD, " + program + `, health, "--worker=` + address + `"]`; !strings.Contains(worker, check) {
		t.Errorf("there is no %s in:\n%s", check, worker)
	}
}

// between returns what is between two texts; empty if they are not there.
func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, found := strings.Cut(text, after)
	if !found {
		return ""
	}
	return text
}
