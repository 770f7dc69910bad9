package app

import (
	"slices"

	"github.com/covetgo/covet/app/redis"
)

// loopAddress is what an application listens on that the development loop started: the loop has the public port.
const loopAddress = "127.0.0.1:0"

// underLoop returns the configuration as it counts below the development loop: the port stays the public one, for
// links, and Redis is the loop's unless REDIS_URL names another.
//
// Threat: a variable in the environment of a server gives whoever answers as the loop the client's address, the queue
// and the log. Outside development there is no loop, whatever the configuration says.
func (c Config) underLoop() Config {
	if c.Loop == nil || !c.Development() {
		c.Loop = nil
		return c
	}
	if port := c.Loop.Port(); port != 0 {
		c.Port = port
	}
	if c.Loop.Redis != "" {
		c.Redis.Join = redis.Endpoint{Address: c.Loop.Redis, Token: c.Loop.Token}
	}
	c.Log.Terminal = c.Log.Terminal || c.Loop.Terminal || c.Loop.Color
	c.Log.Color = c.Log.Color || c.Loop.Color
	// The only peers are on this machine; the loop says for whom it asks.
	c.TrustedProxies = append(slices.Clone(c.TrustedProxies), "127.0.0.1")
	return c
}
