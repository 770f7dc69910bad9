//go:build unix

package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// execBinary replaces this process with the binary, so that signals, the terminal and the exit code need no forwarding.
func execBinary(_ context.Context, binary string, args []string) error {
	err := syscall.Exec(binary, append([]string{binary}, args...), os.Environ())
	return fmt.Errorf("starting %s: %w", binary, err)
}
