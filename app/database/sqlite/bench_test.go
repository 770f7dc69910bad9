package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

func benchmark(b *testing.B, operation func(*database.DB) error) {
	b.Helper()
	cfg := database.Config{URL: "sqlite:" + filepath.Join(b.TempDir(), "app.db")}
	db, err := database.Open(cfg, nil, sqlite.Driver{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	handle := db.With(b.Context())
	for _, query := range []string{
		"CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT)", "INSERT INTO entries (text) VALUES ('first')",
	} {
		if err := handle.Exec(query).Error; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := operation(db); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkCreate(b *testing.B) {
	benchmark(b, func(db *database.DB) error {
		return db.With(b.Context()).Create(&entry{Text: "text"}).Error
	})
}

func BenchmarkFirst(b *testing.B) {
	benchmark(b, func(db *database.DB) error {
		return db.With(b.Context()).First(&entry{}, 1).Error
	})
}
