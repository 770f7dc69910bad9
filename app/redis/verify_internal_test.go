package redis

import (
	"errors"
	"testing"
)

func TestCheckInfo(t *testing.T) {
	t.Parallel()
	for info, refused := range map[string]bool{
		"": false,
		"redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n": false,
		"redis_version:6.2.0\r\n":                           false,
		"redis_version:6.0.16\r\n":                          false,
		"redis_version:4.0.14\r\nredis_mode:standalone\r\n": true,
		"redis_version:10.1\r\n":                            false,
		"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nredis_mode:standalone\r\n": false,
		"redis_version:7.0.15\r\nredis_mode:cluster\r\ncluster_enabled:1\r\n":                            true,
		"redis_version:7.0.15\r\ncluster_enabled:1\r\n":                                                  true,
		"redis_mode:sentinel\r\n":                                    true,
		"role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n": true,
	} {
		err := checkInfo(parseInfo(info))
		if (err != nil) != refused || err != nil && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%q: error is %v, refused should be %t", info, err, refused)
		}
	}
}
