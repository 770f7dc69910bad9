//go:build !unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// execBinary runs the binary and exits with its exit code. The console sends an interrupt to the binary as well; this
// process ignores it and waits.
func execBinary(ctx context.Context, binary string, args []string) error {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return fmt.Errorf("starting %s: %w", binary, err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
	return nil
}
