package job

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// LatencyBuckets is the number of buckets of a latency: below 1 ms, 2 ms, 4 ms and so on; the last has no upper bound.
const LatencyBuckets = 24

// Latency is a histogram of durations.
type Latency struct {
	Sum     time.Duration
	Buckets [LatencyBuckets]int64
}

// Add counts a duration.
func (l *Latency) Add(d time.Duration) {
	d = max(d, 0)
	l.Sum += d
	l.Buckets[min(bits.Len64(uint64(d/time.Millisecond)), LatencyBuckets-1)]++ //nolint:gosec // not negative
}

// Merge adds a stored latency: its sum in microseconds and its encoded buckets.
func (l *Latency) Merge(sum int64, buckets string) {
	var counts []int64
	_ = json.Unmarshal([]byte(buckets), &counts) // written by Encode; invalid text counts as no data
	for i, n := range counts {
		l.Buckets[min(i, LatencyBuckets-1)] += n
	}
	l.Sum += time.Duration(sum) * time.Microsecond
}

// Encode returns the buckets as a JSON array.
func (l Latency) Encode() string {
	return strings.ReplaceAll(fmt.Sprint(l.Buckets), " ", ",")
}
