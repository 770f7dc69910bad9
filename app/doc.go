// Package app is Covet's kernel: the App with its services, modules, lifecycle and HTTP server. Applications have their
// own package app, so they import this one as covet.
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
// Handlers do not take the App. Their constructors take the services that they need, in the application's composition
// root.
package app
