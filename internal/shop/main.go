// Command shop serves the admin of a shop with eight resources and many rows, for work on its pages. Every visitor is an
// administrator.
//
//	go run ./internal/shop                     # http://127.0.0.1:18700/admin
//	go run ./internal/shop -rows 100 -port 0
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

func main() {
	port := flag.Int("port", 18700, "port of 127.0.0.1 to serve at")
	rows := flag.Int("rows", 10_000, "rows of each table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *port, *rows); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, port, rows int) (err error) {
	dir, err := os.MkdirTemp("", "covet-shop-")
	if err != nil {
		return fmt.Errorf("creating a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := covet.Config{Database: database.Config{URL: "sqlite:" + dir + "/shop.db"}, Port: port}
	cfg.App.Name, cfg.App.Env, cfg.App.DataDir, cfg.Log.Level = "Shop", "test", dir, "warn"
	cfg.SecretKey = "only-for-looking-0123456789-abcdefghijklmnop"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		return err
	}
	actor := identity.Actor{ID: "1", Name: "Ada Lovelace", Email: "ada@example.com", Permissions: []string{"*"}}
	//nolint:contextcheck // as above
	a.Echo.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.SetRequest(c.Request().WithContext(identity.With(c.Request().Context(), actor)))
			return next(c)
		}
	})
	if err := a.Use(newAdmin()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop(context.WithoutCancel(ctx))) }()
	if err := a.Migrate(ctx); err != nil {
		return err
	}
	if err := a.DB.With(ctx).AutoMigrate(tables()...); err != nil {
		return fmt.Errorf("creating tables: %w", err)
	}
	if err := seed(identity.With(ctx, actor), a, rows); err != nil {
		return err
	}
	if err := a.Start(ctx, covet.Roles{Web: true}); err != nil {
		return err
	}
	fmt.Println(a.LocalURL() + "/admin")
	<-ctx.Done()
	return nil
}

func newAdmin() *admin.Module {
	m := admin.New(admin.Config{}, admin.Options{})
	const catalogue, sales = "Catalogue", "Sales"
	admin.Register(m, admin.Resource[Category]{Group: catalogue})
	admin.Register(m, admin.Resource[Tag]{Group: catalogue})
	admin.Register(m, admin.Resource[Product]{
		Group: catalogue, List: []string{"Name", "Photo", "Sku", "Price", "Status", "CategoryID", "Featured", "CreatedAt"},
	})
	admin.Register(m, admin.Resource[Review]{Group: catalogue})
	admin.Register(m, admin.Resource[Order]{Group: sales})
	admin.Register(m, admin.Resource[OrderLine]{Group: sales})
	admin.Register(m, admin.Resource[Customer]{Group: sales})
	admin.Register(m, admin.Resource[Coupon]{Group: sales})
	admin.Accounts[User](m, admin.AccountsOptions[User]{Manager: manager{}})
	return m
}

// manager does nothing when accounts change: the shop has no sessions and sends no mail.
type manager struct{}

func (manager) AccountChanged(context.Context, *covetmodels.User, *covetmodels.User) error {
	return nil
}
func (manager) AccountDeleting(context.Context, *covetmodels.User) error { return nil }
func (manager) SendPasswordLink(context.Context, string) error           { return nil }
