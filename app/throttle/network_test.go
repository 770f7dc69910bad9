package throttle_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/throttle"
)

func TestNetworks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8:1:234:3:4:5:6": "2001:db8:1:234::/64 2001:db8:1:200::/56 2001:db8:1::/48",
		"fe80::1%eth0":           "fe80::/64 fe80::/56 fe80::/48", "": "", "@": "@",
	} {
		if got := strings.Join(throttle.Networks(address), " "); got != want {
			t.Errorf("Networks(%q) = %q, want %q", address, got, want)
		}
	}
}
