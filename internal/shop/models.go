package main

import (
	"time"

	"github.com/shopspring/decimal"

	covetmodels "github.com/covetgo/covet/models"
)

// The models of the shop have what the admin has a control for.
type (
	// Category is a group of products.
	Category struct {
		ID        int64
		Name      string `gorm:"size:100;not null;index" required:"true" maxLength:"100"`
		CreatedAt time.Time
	}
	// Tag is a word that products are found by.
	Tag struct {
		ID        int64
		Name      string `gorm:"size:50;not null;index" required:"true" maxLength:"50"`
		CreatedAt time.Time
	}
	// Product is for sale.
	Product struct {
		ID          int64
		Name        string          `gorm:"size:200;not null;index" required:"true" maxLength:"200"`
		Sku         string          `gorm:"size:40;not null;uniqueIndex" required:"true" unique:"products.sku"`
		Description string          `gorm:"type:text"`
		Photo       string          `gorm:"size:255;not null" accept:"image/png,image/jpeg" maxSize:"2MiB"`
		Manual      string          `gorm:"size:255;not null" accept:"application/pdf"`
		Price       decimal.Decimal `gorm:"type:decimal(10,2);not null" required:"true"`
		Status      string          `gorm:"size:20;not null;index" enum:"draft,in_stock,sold_out" required:"true"`
		Featured    bool            `gorm:"not null"`
		CategoryID  int64           `gorm:"not null;index" required:"true"`
		Category    *Category       `gorm:"constraint:OnDelete:RESTRICT"`
		Tags        []Tag           `gorm:"many2many:product_tags;constraint:OnDelete:CASCADE"`
		CreatedAt   time.Time       `gorm:"index"`
		UpdatedAt   time.Time
	}
	// Customer buys.
	Customer struct {
		ID        int64
		Name      string `gorm:"size:100;not null;index" required:"true"`
		Email     string `gorm:"size:254;not null;uniqueIndex" format:"email" required:"true"`
		Birthday  *covetmodels.Date
		CreatedAt time.Time `gorm:"index"`
	}
	// Order is what a customer bought at once.
	Order struct {
		ID         int64
		Number     string     `gorm:"size:20;not null;uniqueIndex" required:"true"`
		Status     string     `gorm:"size:20;not null;index" enum:"pending,paid,shipped,cancelled" required:"true"`
		CustomerID int64      `gorm:"not null;index" required:"true"`
		Customer   *Customer  `gorm:"constraint:OnDelete:CASCADE"`
		CouponID   *int64     `gorm:"index"`
		Coupon     *Coupon    `gorm:"constraint:OnDelete:SET NULL"`
		PaidAt     *time.Time `gorm:"index"`
		CreatedAt  time.Time  `gorm:"index"`
	}
	// OrderLine is a product in an order.
	OrderLine struct {
		ID        int64
		OrderID   int64           `gorm:"not null;index" required:"true"`
		Order     *Order          `gorm:"constraint:OnDelete:CASCADE"`
		ProductID int64           `gorm:"not null;index" required:"true"`
		Product   *Product        `gorm:"constraint:OnDelete:RESTRICT"`
		Quantity  int             `gorm:"not null" minimum:"1"`
		Price     decimal.Decimal `gorm:"type:decimal(10,2);not null"`
	}
	// Review is what a customer thinks of a product.
	Review struct {
		ID         int64
		ProductID  int64     `gorm:"not null;index" required:"true"`
		Product    *Product  `gorm:"constraint:OnDelete:CASCADE"`
		CustomerID int64     `gorm:"not null;index" required:"true"`
		Customer   *Customer `gorm:"constraint:OnDelete:CASCADE"`
		Stars      int       `gorm:"not null" minimum:"1" maximum:"5"`
		Text       string    `gorm:"type:text" required:"true"`
		Approved   bool      `gorm:"not null"`
		CreatedAt  time.Time `gorm:"index"`
	}
	// Coupon reduces the price of an order.
	Coupon struct {
		ID        int64
		Code      string          `gorm:"size:20;not null;uniqueIndex" required:"true"`
		Percent   decimal.Decimal `gorm:"type:decimal(5,2);not null" minimum:"0" maximum:"100"`
		ExpiresAt *time.Time
		CreatedAt time.Time
	}
	// User is an account of the shop.
	User struct{ covetmodels.User }
)

// tables are the models in an order in which each refers to earlier ones.
func tables() []any {
	return []any{
		&Category{}, &Tag{}, &Product{}, &Customer{}, &Coupon{}, &Order{}, &OrderLine{}, &Review{}, &covetmodels.Role{}, &User{},
		&covetmodels.RolePermission{}, &covetmodels.UserRole{}, &covetmodels.Session{}, &covetmodels.AccessToken{},
		&covetmodels.Token{},
	}
}
