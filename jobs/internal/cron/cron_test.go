package cron_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/covetgo/covet/jobs/internal/cron"
)

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ spec, after, want string }{
		{"@every 10m", "2026-11-23T08:03:07Z", "2026-11-23T08:10:00Z"},
		{"@every 10m", "2026-11-23T08:10:00Z", "2026-11-23T08:20:00Z"},
		{"@every 7s", "1970-01-01T00:00:08Z", "1970-01-01T00:00:14Z"},
		{"@every 24h", "2026-11-23T08:03:07+05:00", "2026-11-24T00:00:00Z"},
		{"30 7 * * 1-5", "2026-11-21T08:00:00Z", "2026-11-23T07:30:00Z"},
		{"@daily", "2026-11-23T08:00:00Z", "2026-11-24T00:00:00Z"},
		{"CRON_TZ=Europe/Berlin 0 9 * * *", "2026-07-01T08:00:00Z", "2026-07-02T07:00:00Z"},
		{"TZ=Europe/Berlin 0 9 * * *", "2026-12-01T09:00:00Z", "2026-12-02T08:00:00Z"},
		{"0 9 * * 7", "2026-11-23T08:00:00Z", "2026-11-29T09:00:00Z"},
		{"0 9 * * 6-7", "2026-11-28T10:00:00Z", "2026-11-29T09:00:00Z"},
		{"0 9 13 * 5", "2026-11-01T00:00:00Z", "2026-11-06T09:00:00Z"}, // the 13th, and Fridays
		{"0 0 29 2 *", "2025-03-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		// The clocks go forward at 02:00 on 29 March 2026: 02:30 does not exist that day.
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		// They go back at 03:00 on 25 October 2026: 02:30 comes twice.
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
		// By half an hour: 03:00 exists although 02:00 to 02:29 does not.
		{"CRON_TZ=Australia/Lord_Howe 0 3 * * *", "2026-10-03T12:00:00Z", "2026-10-03T16:00:00Z"},
		// At midnight: the day begins at 01:00.
		{"CRON_TZ=Africa/Cairo @daily", "2026-04-23T12:00:00Z", "2026-04-24T21:00:00Z"},
		// A day that was left out.
		{"CRON_TZ=Pacific/Apia 0 0 30 12 *", "2011-12-20T00:00:00Z", "2012-12-29T10:00:00Z"},
	} {
		ticks, err := cron.Parse(test.spec)
		if err != nil {
			t.Errorf("%s: %v", test.spec, err)
			continue
		}
		if got := ticks.Next(parse(t, test.after)); !got.Equal(parse(t, test.want)) {
			t.Errorf("%s after %s: %s, want %s", test.spec, test.after, got.UTC().Format(time.RFC3339), test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"", "* * * *", "* * * * * *", "61 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "0 0 31 2 *", "every monday",
		"@fortnightly", "@every", "@every 1.5s", "@every -1h", "@every 500ms", "TZ=", "CRON_TZ=Europe/Berlin", "CRON_TZ=Nowhere 0 0 * * *",
		"CRON_TZ=UTC @every 1h", "0 0 * * 7-7-7",
	} {
		if ticks, err := cron.Parse(spec); err == nil {
			t.Errorf("%q ticks at %v", spec, ticks.Next(time.Now()))
		} else if errors.Is(err, cron.ErrSpec) != (spec != "0 0 31 2 *" && spec != "@every 1.5s" && spec != "@every -1h" && spec != "@every 500ms") {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

// A field is one of an expression: its text, and the numbers that it stands for.
type field struct {
	text    string
	numbers []int
}

var (
	minutes = []field{{"*", nil}, {"0", []int{0}}, {"30", []int{30}}, {"*/7", []int{0, 7, 14, 21, 28, 35, 42, 49, 56}}, {"15,45", []int{15, 45}}}
	hours   = []field{{"*", nil}, {"0", []int{0}}, {"1-3", []int{1, 2, 3}}, {"23", []int{23}}, {"2", []int{2}}}
	days    = []field{{"*", nil}, {"1", []int{1}}, {"25-31", []int{25, 26, 27, 28, 29, 30, 31}}}
	weeks   = []field{{"*", nil}, {"0", []int{0}}, {"5-7", []int{5, 6, 0}}}
	months  = []field{{"*", nil}, {"3,10", []int{3, 10}}, {"4", []int{4}}}
	zones   = []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Asia/Kathmandu",
		"Africa/Casablanca", "Pacific/Chatham", "America/Havana", "Pacific/Apia",
	}
)

func (f field) fits(n int) bool { return f.numbers == nil || slices.Contains(f.numbers, n) }

// Next is compared with looking at every minute, around the days on which clocks are set.
func TestNextIsTheFirstMinuteThatFits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	one := func(of []field) field { return of[random.IntN(len(of))] }
	for range 400 {
		minute, hour, day, month, week := one(minutes), one(hours), one(days), one(months), one(weeks)
		zone := zones[random.IntN(len(zones))]
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		spec := "CRON_TZ=" + zone + " " + minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + week.text
		ticks, err := cron.Parse(spec)
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		fits := func(at time.Time) bool {
			local := at.In(location)
			ofMonth, ofWeek := day.fits(local.Day()), week.fits(int(local.Weekday()))
			dayFits := ofMonth && ofWeek
			if day.numbers != nil && week.numbers != nil {
				dayFits = ofMonth || ofWeek
			}
			return dayFits && minute.fits(local.Minute()) && hour.fits(local.Hour()) && month.fits(int(local.Month()))
		}
		from := time.Date(2026, time.Month(1+random.IntN(12)), 1+random.IntN(28), random.IntN(24), random.IntN(60), random.IntN(60), 0, time.UTC)
		if random.IntN(2) == 0 { // shortly before a change
			from = changeAfter(from, location).Add(-time.Duration(random.IntN(300)) * time.Minute)
		}
		want := from.Truncate(time.Minute).Add(time.Minute)
		last := want.AddDate(0, 1, 0)
		for !fits(want) && want.Before(last) {
			want = want.Add(time.Minute)
		}
		got := ticks.Next(from)
		if want.Before(last) && !got.Equal(want) || !want.Before(last) && got.Before(last) {
			t.Errorf("%s after %s: %s, want %s", spec, from.Format(time.RFC3339), got.In(location), want.In(location))
		}
	}
}

// changeAfter returns the next time that the clock is set, or at if it is not.
func changeAfter(at time.Time, location *time.Location) time.Time {
	if _, end := at.In(location).ZoneBounds(); !end.IsZero() {
		return end.UTC()
	}
	return at
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"@every 1s", "*/5 * * * *", "CRON_TZ=UTC @daily", "TZ=", "CRON_TZ=X", "@every -1h", "0 0 31 2 *", "0 0 * * 5-7"} {
		f.Add(seed)
	}
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		ticks, err := cron.Parse(spec)
		if err != nil {
			return
		}
		if next := ticks.Next(at); !next.After(at) {
			t.Errorf("%q after %v ticks at %v", spec, at, next)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	for _, spec := range []string{"*/5 * * * *", "30 7 * * 1-5", "0 0 29 2 *"} {
		ticks, err := cron.Parse(spec)
		if err != nil {
			b.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				if ticks.Next(at).IsZero() {
					b.Fatal("no tick")
				}
			}
		})
	}
}
