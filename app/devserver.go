package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/covetgo/covet/app/redis"
)

// backendAddress is what an application listens on that the dev server started: the dev server has the public port.
const backendAddress = "127.0.0.1:0"

// underDevServer returns the configuration as it counts under the dev server: the port stays the public one, for
// links, and Redis is the dev server's unless REDIS_URL names another.
//
// Threat: a variable in the environment of a server gives the program that responds as the dev server the client's address, the
// queue and the log. Outside development there is no dev server, whatever the configuration says.
func (c Config) underDevServer() Config {
	if c.DevServer == nil || !c.Development() {
		c.DevServer = nil
		return c
	}
	if port := c.DevServer.Port(); port != 0 {
		c.Port = port
	}
	if c.DevServer.Redis != "" {
		c.Redis.Join = redis.Endpoint{Address: c.DevServer.Redis, Token: c.DevServer.Token}
	}
	c.Log.Terminal = c.Log.Terminal || c.DevServer.Terminal || c.DevServer.Color
	c.Log.Color = c.Log.Color || c.DevServer.Color
	// The only peers are on this machine; the dev server says for whom it asks.
	c.TrustedProxies = append(slices.Clone(c.TrustedProxies), "127.0.0.1")
	return c
}

// assetsFolder is where an application keeps its assets.
var assetsFolder = filepath.Join("app", "assets")

// followAssets serves the assets from where they are edited, under the dev server. Where that folder is missing,
// or holds others, they stay those that are embedded.
func (a *App) followAssets() {
	if a.Config.DevServer == nil || a.opts.Assets == nil {
		return
	}
	root, err := os.OpenRoot(filepath.Join(a.Config.DevServer.Root, assetsFolder))
	if err != nil {
		return
	}
	a.life.onStop("assets", func(context.Context) error { return root.Close() })
	if !a.opts.Assets.Follow(root) {
		a.Log.Warn("assets stay as they were built: app/assets holds none of them")
	}
}
