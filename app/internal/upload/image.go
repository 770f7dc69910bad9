package upload

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/internal/value"
)

// maxPixels is the number of pixels that the image of a field which accepts images may have, unless its tag maxPixels says
// otherwise: that of a camera. A decoder takes 4 bytes or more for each.
const maxPixels = 50_000_000

func parsePixels(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("maxPixels:%q: write it as 50000000", text)
	}
	return n, nil
}

// configs read the dimensions of images from their headers, and decode no pixel.
var configs = map[string]func(io.Reader) (image.Config, error){
	"image/png": png.DecodeConfig, "image/jpeg": jpeg.DecodeConfig, "image/gif": gif.DecodeConfig,
	"image/webp": webpConfig, "image/bmp": bmpConfig,
}

// checkImage returns what is wrong with an image, or "".
//
// Threat: a file of some kilobytes that takes gigabytes when the application makes a thumbnail of it.
func (r Rule) checkImage(ctx context.Context, path, mediaType string) (string, error) {
	if r.maxPixels == 0 || !strings.HasPrefix(mediaType, "image/") {
		return "", nil
	}
	config, ok := configs[mediaType]
	if !ok {
		if r.names(mediaType) {
			return "", nil
		}
		return value.Texts().T(ctx, "file.image"), nil
	}
	file, err := os.Open(path) //nolint:gosec // the temporary file of this package
	if err != nil {
		return "", fmt.Errorf("reading an upload: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	found, err := config(file)
	if err != nil || found.Width <= 0 || found.Height <= 0 {
		return value.Texts().T(ctx, "file.damaged"), nil
	}
	if int64(found.Width) > r.maxPixels/int64(found.Height) {
		return value.Texts().T(ctx, "file.pixels", "width", found.Width, "height", found.Height, "limit", r.maxPixels), nil
	}
	return "", nil
}

var errImage = errors.New("malformed header")

// webpConfig reads the largest dimensions that the chunks of a WebP image declare (RFC 9649): those of the canvas, and those
// of each picture, which decoders may read without the canvas.
func webpConfig(r io.Reader) (image.Config, error) {
	var config image.Config
	if _, err := io.CopyN(io.Discard, r, 12); err != nil { // RIFF, size, WEBP
		return config, err
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			if config.Width == 0 {
				return config, errImage
			}
			return config, nil
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		start := make([]byte, min(size, 24))
		if _, err := io.ReadFull(r, start); err != nil {
			return config, errImage
		}
		width, height := webpSize(string(head[:4]), start)
		config.Width, config.Height = max(config.Width, width), max(config.Height, height)
		if _, err := io.CopyN(io.Discard, r, size+size%2-int64(len(start))); err != nil && config.Width == 0 {
			return config, errImage
		}
	}
}

// webpSize returns the dimensions that a chunk declares, or zeros.
func webpSize(kind string, data []byte) (width, height int) {
	switch {
	case kind == "VP8X" && len(data) >= 10:
		return 1 + uint24(data[4:]), 1 + uint24(data[7:])
	case kind == "ANMF" && len(data) >= 12:
		return 1 + uint24(data[6:]), 1 + uint24(data[9:])
	case kind == "VP8L" && len(data) >= 5 && data[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(data[1:])
		return 1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff)
	case kind == "VP8 " && len(data) >= 10 && bytes.Equal(data[3:6], []byte{0x9d, 0x01, 0x2a}):
		return int(binary.LittleEndian.Uint16(data[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(data[8:]) & 0x3fff)
	}
	return 0, 0
}

func uint24(data []byte) int { return int(data[0]) | int(data[1])<<8 | int(data[2])<<16 }

// bmpConfig reads the dimensions of a BMP image, whose height is negative if its first row is the top.
func bmpConfig(r io.Reader) (image.Config, error) {
	var head [26]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return image.Config{}, err
	}
	if binary.LittleEndian.Uint32(head[14:]) == 12 {
		return image.Config{
			Width: int(binary.LittleEndian.Uint16(head[18:])), Height: int(binary.LittleEndian.Uint16(head[20:])),
		}, nil
	}
	width, height := int32(binary.LittleEndian.Uint32(head[18:])), int32(binary.LittleEndian.Uint32(head[22:])) //nolint:gosec // signed
	return image.Config{Width: int(width), Height: max(int(height), -int(height))}, nil
}
