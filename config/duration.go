package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var errDuration = errors.New("expected a duration such as 30s, 15m, 12h or 7d")

const day = 24 * time.Hour

// parseDuration reads what time.ParseDuration reads, and days in front of it: "7d", "1d12h". A day has 24 hours.
func parseDuration(text string) (time.Duration, error) {
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		rest = text
		days = "0"
	}
	count, err := strconv.ParseInt(days, 10, 32)
	if err != nil {
		return 0, errDuration
	}
	if rest == "" && hasDays {
		rest = "0"
	}
	short, err := time.ParseDuration(rest)
	if err != nil || (hasDays && strings.HasPrefix(rest, "-")) {
		return 0, errDuration
	}
	if strings.HasPrefix(days, "-") {
		short = -short
	}
	return addDays(count, short)
}

func addDays(count int64, short time.Duration) (time.Duration, error) {
	sum := float64(count)*float64(day) + float64(short)
	if sum >= math.MaxInt64 || sum <= math.MinInt64 {
		return 0, errDuration
	}
	return time.Duration(count)*day + short, nil
}
