package upload_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"reflect"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/internal/upload"
)

// pngOf returns the header of a PNG image, which has no pixels.
func pngOf(width, height uint32) string {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	chunk = append(binary.BigEndian.AppendUint32(chunk, height), 8, 0, 0, 0, 0)
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\r" + string(chunk) + string(sum)
}

// webpOf returns a WebP image of chunks without their size.
func webpOf(chunks ...string) string {
	body := "WEBP"
	for _, chunk := range chunks {
		body += chunk[:4] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(chunk)-4))) + chunk[4:]
	}
	return "RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
}

func bmpOf(width, height int32) string {
	head := append([]byte("BM"), make([]byte, 12)...)
	head = binary.LittleEndian.AppendUint32(head, 40)
	head = binary.LittleEndian.AppendUint32(head, uint32(width))
	return string(binary.LittleEndian.AppendUint32(head, uint32(height)))
}

// encoded returns an image of 40×30 pixels.
func encoded(t *testing.T, encode func(*bytes.Buffer, image.Image) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImagesAreBounded(t *testing.T) {
	t.Parallel()
	pngFile := encoded(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) })
	jpegFile := encoded(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) })
	gifFile := encoded(t, func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) })
	const (
		images  = `accept:"image/png,image/jpeg,image/gif,image/webp"`
		damaged = "This image is damaged or incomplete."
		small   = "This image has 40 × 30 pixels, and at most 1,199 pixels are allowed."
	)
	for name, test := range map[string]struct{ tag, file, want string }{
		"PNG":            {images, pngFile, ""},
		"JPEG":           {images, jpegFile, ""},
		"GIF":            {images, gifFile, ""},
		"large PNG":      {images, pngOf(50000, 50000), "This image has 50,000 × 50,000 pixels, and at most 50,000,000 pixels are allowed."},
		"flat PNG":       {images, pngOf(50_000_001, 1), "This image has 50,000,001 × 1 pixels, and at most 50,000,000 pixels are allowed."},
		"just right":     {images, pngOf(50_000_000, 1), ""},
		"PNG above":      {images + ` maxPixels:"1199"`, pngFile, small},
		"JPEG above":     {images + ` maxPixels:"1199"`, jpegFile, small},
		"GIF above":      {images + ` maxPixels:"1199"`, gifFile, small},
		"at the bound":   {images + ` maxPixels:"1200"`, pngFile, ""},
		"PNG, overflow":  {images, pngOf(1<<31-1, 1<<31-1), damaged},
		"PNG of nothing": {images, pngOf(0, 0), damaged},
		"damaged PNG":    {images, "\x89PNG\r\n\x1a\n", damaged},
		"damaged JPEG":   {images, jpegFile[:20], damaged},
		"damaged GIF":    {images, "GIF89a\x01", damaged},
		"WebP":           {images, webpOf("VP8L\x2f\x27\x40\x07\x00\x00"), ""},
		"WebP above":     {images + ` maxPixels:"1199"`, webpOf("VP8L\x2f\x27\x40\x07\x00\x00"), small},
		"lossy WebP":     {images + ` maxPixels:"1199"`, webpOf("VP8 \x00\x00\x00\x9d\x01\x2a\x28\x00\x1e\x00"), small},
		"canvas of WebP": {images + ` maxPixels:"1199"`, webpOf("VP8X\x00\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), small},
		"frame of WebP": {
			images + ` maxPixels:"1199"`,
			webpOf("VP8X\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "ANMF\x00\x00\x00\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), small,
		},
		"picture under a small canvas": {
			images + ` maxPixels:"1199"`,
			webpOf("VP8X\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "VP8 \x00\x00\x00\x9d\x01\x2a\x28\x00\x1e\x00"), small,
		},
		"damaged WebP":     {images, webpOf("VP8 "), damaged},
		"BMP":              {`accept:"image/*"`, bmpOf(40, -30), ""},
		"BMP above":        {`accept:"image/*" maxPixels:"1199"`, bmpOf(40, -30), small},
		"damaged BMP":      {`accept:"image/*"`, "BM", damaged},
		"icon":             {`accept:"image/*"`, "\x00\x00\x01\x00", "This must be a PNG, JPEG, GIF, WebP or BMP image."},
		"icon by its name": {`accept:"image/png, image/x-icon"`, "\x00\x00\x01\x00", ""},
		"any file":         {`accept:"*/*"`, pngOf(50000, 50000), ""},
		"any file, bound":  {`maxPixels:"1199"`, pngFile, small},
		"no image":         {`accept:"image/png,text/plain"`, "text", ""},
		"text as a PNG":    {images, "<html>", "This must be a file of one of these types: image/png, image/jpeg, image/gif, image/webp."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule, err := upload.ParseRule(reflect.StructTag(test.tag))
			if err != nil {
				t.Fatal(err)
			}
			if got := send(t, rule, test.file); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// send returns the fault of a file that is uploaded.
func send(t *testing.T, rule upload.Rule, content string) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("photo", "photo.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(content)) // into memory
	_ = w.Close()
	form, err := upload.Read(t.Context(), &body, w.Boundary(), upload.Options{Rules: map[string]upload.Rule{"photo": rule}})
	if err != nil {
		t.Fatal(err)
	}
	defer form.Remove()
	return form.Faults["photo"]
}

func TestMaxPixelsOfTags(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "-1", "5MP", "9223372036854775808"} {
		_, err := upload.ParseRule(reflect.StructTag(`maxPixels:"` + text + `"`))
		if err == nil || !strings.Contains(err.Error(), "write it as 50000000") {
			t.Errorf("maxPixels:%q: %v", text, err)
		}
	}
}
