-- +goose Up
CREATE TABLE shop_products (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    "group"    INTEGER NOT NULL,
    price      NUMERIC(10,2) NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE INDEX idx_shop_products_price ON shop_products (price);
CREATE INDEX idx_shop_products_created_at_id ON shop_products (created_at, id);

-- +goose Down
DROP TABLE shop_products;
