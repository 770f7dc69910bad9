//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package terminal

import (
	"errors"
	"os"
)

// Keys reads no keys here.
type Keys struct{}

// errNoKeys is the reason why there are none.
var errNoKeys = errors.New("keys are not read on this system")

// ReadKeys returns an error.
func ReadKeys(*os.File) (*Keys, error) { return nil, errNoKeys }

// Pressed is nil.
func (*Keys) Pressed() <-chan rune { return nil }

// Close does nothing.
func (*Keys) Close() {}
