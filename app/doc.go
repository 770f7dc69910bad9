// Package app is Covet's kernel: the App with its services, the modules that
// extend it, its life from start to stop, and the HTTP server. Applications have
// a package app of their own, so they import this one as covet.
//
//	func New(cfg config.Config) (*covet.App, error) {
//		a, err := covet.New(cfg.Config, covet.Options{
//			Drivers:    []database.Driver{sqlite.Driver{}, postgres.Driver{}},
//			Migrations: migrations.Source(),
//			Assets:     assets.Bundle,
//		})
//		if err != nil {
//			return nil, err
//		}
//		a.Echo.GET("/", home)
//		return a, a.Use(shop.New(cfg.Shop))
//	}
//
// Handlers do not take the App. They take what they need, as arguments of their
// constructors, in the application's composition root.
package app
