//go:build !linux

package port

// owner is not implemented on this system: lsof is used.
func owner(int) (Program, bool) { return Program{}, false }
