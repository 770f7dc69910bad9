package middleware

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// maxRanges is the maximum number of ranges in one request, after overlapping and adjacent ones are merged.
const maxRanges = 16

// Ranges merges overlapping and adjacent byte ranges of a request, and rejects more than 16 of them with 416 (RFC 9110
// §14.2). An invalid list of ranges is left to the handler.
//
// Threat: each range of a response has its own header, so that a short request for a thousand ranges of one byte makes
// the server send many times the file.
func Ranges() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			header := c.Request().Header
			list, ok := strings.CutPrefix(header.Get("Range"), "bytes=")
			if !ok || !strings.Contains(list, ",") {
				return next(c)
			}
			ranges, suffixes, ok := parseRanges(list)
			if !ok {
				return next(c)
			}
			ranges = mergeRanges(ranges)
			if len(ranges)+len(suffixes) > maxRanges {
				return problem.Status(http.StatusRequestedRangeNotSatisfiable)
			}
			header.Set("Range", "bytes="+strings.Join(append(formatRanges(ranges), suffixes...), ","))
			return next(c)
		}
	}
}

// byteRange is a range with both ends included. An end of -1 means the end of the file.
type byteRange struct{ start, end int64 }

// parseRanges returns the ranges with a start, and suffix ranges, "-500", as text.
func parseRanges(list string) (ranges []byteRange, suffixes []string, ok bool) {
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		first, last, found := strings.Cut(item, "-")
		if item == "" {
			continue
		}
		if !found {
			return nil, nil, false
		}
		if first == "" {
			if _, err := strconv.ParseUint(last, 10, 63); err != nil {
				return nil, nil, false
			}
			suffixes = append(suffixes, item)
			continue
		}
		start, err := strconv.ParseUint(first, 10, 63)
		end := int64(-1)
		if err == nil && last != "" {
			var parsed uint64
			parsed, err = strconv.ParseUint(last, 10, 63)
			end = int64(parsed) //nolint:gosec // it has at most 63 bits
		}
		if err != nil || end >= 0 && end < int64(start) { //nolint:gosec // likewise
			return nil, nil, false
		}
		ranges = append(ranges, byteRange{int64(start), end}) //nolint:gosec // likewise
	}
	return ranges, suffixes, true
}

// mergeRanges returns the ranges in order, without overlaps.
func mergeRanges(ranges []byteRange) []byteRange {
	slices.SortFunc(ranges, func(a, b byteRange) int { return cmp.Compare(a.start, b.start) })
	var merged []byteRange
	for _, r := range ranges {
		if n := len(merged); n > 0 && (merged[n-1].end < 0 || r.start <= merged[n-1].end+1) {
			last := &merged[n-1]
			if last.end >= 0 && (r.end < 0 || r.end > last.end) {
				last.end = r.end
			}
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

func formatRanges(ranges []byteRange) []string {
	var list []string
	for _, r := range ranges {
		text := strconv.FormatInt(r.start, 10) + "-"
		if r.end >= 0 {
			text += strconv.FormatInt(r.end, 10)
		}
		list = append(list, text)
	}
	return list
}
