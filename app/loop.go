package app

import (
	"context"
	"os"
	"path/filepath"
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

// assetsFolder is where an application keeps its assets.
var assetsFolder = filepath.Join("app", "assets")

// followAssets serves the assets from where they are edited, below the development loop. Where that folder is missing,
// or holds others, they stay those that are embedded.
func (a *App) followAssets() {
	if a.Config.Loop == nil || a.opts.Assets == nil {
		return
	}
	root, err := os.OpenRoot(filepath.Join(a.Config.Loop.Root, assetsFolder))
	if err != nil {
		return
	}
	a.life.onStop("assets", func(context.Context) error { return root.Close() })
	if !a.opts.Assets.Follow(root) {
		a.Log.Warn("assets stay as they were built: app/assets holds none of them")
	}
}
