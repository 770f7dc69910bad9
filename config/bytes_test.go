package config_test

import (
	"testing"

	"github.com/covetgo/covet/config"
)

func TestParseBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Bytes{
		"0": 0, "512": 512, "512B": 512, "1KB": 1000, "1kb": 1000, "1KiB": 1024, "10MB": 10_000_000, "1.5GB": 1_500_000_000,
		"2 TiB": 2 << 40, "9223372036854775807": 1<<63 - 1,
	} {
		if got, err := config.ParseBytes(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "MB", "-1", "1.2.3MB", "10XB", "1e3", "NaN", "9223372036854775808",
		"9000000TiB", "9e99TB", "10 M B", "0x10",
	} {
		if got, err := config.ParseBytes(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestBytesString(t *testing.T) {
	t.Parallel()
	for size, want := range map[config.Bytes]string{
		0: "0B", 1: "1B", 999: "999B", 1000: "1KB", 1024: "1KiB", 10_000_000: "10MB", 1 << 20: "1MiB",
		1536: "1536B", 3e12: "3TB",
	} {
		if got := size.String(); got != want {
			t.Errorf("%d: got %s, want %s", size, got, want)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, seed := range []string{"", "10MB", "1.5GiB", "9223372036854775807", "-1", "٣MB", "1..2KB"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := config.ParseBytes(text)
		if err != nil {
			return
		}
		if size < 0 {
			t.Fatalf("%q: got %d", text, size)
		}
		if again, err := config.ParseBytes(size.String()); err != nil || again != size {
			t.Fatalf("%q: %d is written as %s and read as %d, %v", text, size, size, again, err)
		}
	})
}
