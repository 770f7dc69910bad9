package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/storage"
	covetmodels "github.com/covetgo/covet/models"
)

var (
	colours   = []string{"Red", "Blue", "Green", "Black", "White", "Grey", "Yellow"}
	materials = []string{"wool", "cotton", "linen", "silk", "leather", "denim"}
	things    = []string{"socks", "scarf", "jacket", "shirt", "hat", "gloves", "jumper", "trousers"}
	names     = []string{"Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Ken", "Radia", "Dennis"}
	families  = []string{"Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Thompson", "Perlman"}
)

func pick(list []string, n int) string { return list[n%len(list)] }

// seed fills every table with n rows, the newest of today.
func seed(ctx context.Context, a *covet.App, n int) error {
	photo, err := storePhoto(ctx, a)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	at := func(i int) time.Time { return now.Add(-time.Duration(n-i) * 20 * time.Minute) }
	id := func(i int) int64 { return int64(i%n) + 1 }
	price := func(i int) decimal.Decimal { return decimal.New(int64(1000+i*50%9000), -2) }
	var categories []Category
	var tags []Tag
	var products []Product
	var customers []Customer
	var coupons []Coupon
	var orders []Order
	var lines []OrderLine
	var reviews []Review
	for i := range n {
		categories = append(categories, Category{Name: fmt.Sprintf("%s %d", pick(things, i), i+1), CreatedAt: at(i)})
		tags = append(tags, Tag{Name: fmt.Sprintf("%s %d", pick(materials, i), i+1), CreatedAt: at(i)})
		products = append(products, Product{
			Name: pick(colours, i) + " " + pick(materials, i/7) + " " + pick(things, i/3), Sku: fmt.Sprintf("SKU-%05d", i+1),
			Description: "Made to last.", Price: price(i), Status: pick([]string{"draft", "in_stock", "in_stock", "sold_out"}, i),
			Photo: photo, Featured: i%9 == 0, CategoryID: id(i * 7), CreatedAt: at(i),
		})
		customers = append(customers, Customer{
			Name:  pick(names, i) + " " + pick(families, i/3),
			Email: fmt.Sprintf("customer%d@example.com", i+1), CreatedAt: at(i),
		})
		coupons = append(coupons, Coupon{Code: fmt.Sprintf("SAVE%d", i+1), Percent: decimal.New(int64(5+i%30), 0), CreatedAt: at(i)})
		order := Order{
			Number: fmt.Sprintf("2026-%06d", i+1), Status: pick([]string{"pending", "paid", "shipped", "cancelled"}, i),
			CustomerID: id(i * 3), CreatedAt: at(i),
		}
		if i%5 == 0 {
			coupon := id(i)
			order.CouponID = &coupon
		}
		orders = append(orders, order)
		lines = append(lines, OrderLine{OrderID: id(i), ProductID: id(i * 11), Quantity: 1 + i%4, Price: price(i)})
		reviews = append(reviews, Review{
			ProductID: id(i * 13), CustomerID: id(i * 3), Stars: 1 + i%5, Text: "As described.", Approved: i%3 > 0, CreatedAt: at(i),
		})
	}
	return a.DB.Transaction(ctx, func(ctx context.Context) error {
		db := a.DB.With(ctx).Session(&gorm.Session{CreateBatchSize: 500})
		for _, rows := range []any{&categories, &tags, &products, &customers, &coupons, &orders, &lines, &reviews} {
			if err := db.Create(rows).Error; err != nil {
				return fmt.Errorf("seeding: %w", err)
			}
		}
		if err := db.Exec("INSERT INTO product_tags (product_id, tag_id) SELECT id, id FROM products").Error; err != nil {
			return fmt.Errorf("seeding tags: %w", err)
		}
		return seedAccounts(ctx, a, db)
	})
}

// seedAccounts adds an administrator, a disabled user, and a history.
func seedAccounts(ctx context.Context, a *covet.App, db *gorm.DB) error {
	disabled := time.Now().UTC()
	role := covetmodels.Role{Name: "editor", Description: "Manages products", Permissions: []covetmodels.RolePermission{
		{Permission: "products.*"}, {Permission: "orders.read"}, {Permission: "warehouse.count"},
	}}
	all := covetmodels.Role{Name: "admin", Description: "May do everything", Permissions: []covetmodels.RolePermission{{Permission: "*"}}}
	users := []User{
		{User: covetmodels.User{Email: "ada@example.com", Roles: []covetmodels.Role{all}}},
		{User: covetmodels.User{Email: "grace@example.com", DisabledAt: &disabled, Roles: []covetmodels.Role{role}}},
	}
	if err := db.Create(&users).Error; err != nil {
		return fmt.Errorf("seeding accounts: %w", err)
	}
	for _, event := range []audit.Event{
		{Action: "products.update", Subject: "products:1", Detail: map[string]any{"changes": []audit.Change{
			{Field: "CategoryID", Before: "95", After: "16"},
			{Field: "Price", Before: "9.5", After: "10.00"},
			{Field: "Status", Before: "draft", After: "in_stock"},
			{Field: "Tags", Before: "1, 2", After: "1, 3"},
			{Field: "Photo", Before: "", After: "products/x.png"},
		}}},
		{Action: "auth.login", Subject: "users:1", Detail: map[string]any{"remember": false}},
		{Action: "users.disable", Subject: "users:2"},
		{Action: "products.delete", Subject: "products:999999", Detail: map[string]any{"title": "Old socks"}},
		{Action: "orders.export", Subject: "orders", Detail: map[string]any{"query": "q=ada&filter.status=paid"}},
	} {
		if err := a.Audit.Record(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// storePhoto stores a picture, which all products have.
func storePhoto(ctx context.Context, a *covet.App) (string, error) {
	picture := image.NewRGBA(image.Rect(0, 0, 240, 160))
	for x := range 240 {
		for y := range 160 {
			picture.Set(x, y, color.RGBA{uint8(x), uint8(y), 160, 255})
		}
	}
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		return "", fmt.Errorf("drawing a photo: %w", err)
	}
	key := storage.NewKey("products", "photo.png")
	return key, a.Storage.Put(ctx, key, &content)
}
