module github.com/covetgo/covet/cmd/covet/internal/browsertest

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/covetgo/covet v0.0.0
)

replace github.com/covetgo/covet => ../../../..

require (
	github.com/a-h/templ v0.3.977 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
)
