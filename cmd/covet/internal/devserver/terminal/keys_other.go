//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package terminal

import (
	"errors"
	"os"
)

// Keys is not implemented on this system.
type Keys struct{}

// errNoKeys is returned by ReadKeys.
var errNoKeys = errors.New("keys are not supported on this system")

// ReadKeys returns an error.
func ReadKeys(*os.File) (*Keys, error) { return nil, errNoKeys }

// Pressed is nil.
func (*Keys) Pressed() <-chan rune { return nil }

// Close does nothing.
func (*Keys) Close() {}
