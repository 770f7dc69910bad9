-- +goose Up
CREATE TABLE shop_products (
    id         BIGINT AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(255) NOT NULL,
    `group`    INT NOT NULL,
    price      DECIMAL(10,2) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    INDEX idx_shop_products_price (price),
    INDEX idx_shop_products_created_at_id (created_at, id)
) CHARACTER SET utf8mb4;

-- +goose Down
DROP TABLE shop_products;
