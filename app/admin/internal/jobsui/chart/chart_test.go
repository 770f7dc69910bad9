package chart_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/admin/internal/jobsui/chart"
)

func ExampleStack() {
	done, failed := []float64{3, 1}, []float64{0, 2}
	scale := chart.NewScale(chart.HighestSum(done, failed), 1)
	bars := chart.Stack(scale.Top, done, failed)
	for _, bar := range bars {
		fmt.Println(bar.Series, bar.X, bar.Y, bar.Width, bar.Height)
	}
	fmt.Println(scale.Top, scale.Step)
	// Output:
	// 0 60 0 480 400
	// 0 660 266.7 480 133.3
	// 1 660 0 480 266.7
	// 3 1
}

func ExampleLines() {
	paths := chart.Lines(10, []float64{0, 10, math.NaN(), 5})
	fmt.Println(paths[0])
	// Output:
	// M150 400L150 400L450 0M1050 200L1050 200
}

func ExampleScale() {
	for _, mark := range chart.NewScale(0.37, 0).Marks() {
		fmt.Println(mark.Percent, mark.Text)
	}
	// Output:
	// 0 0.4
	// 25 0.3
	// 50 0.2
	// 75 0.1
	// 100 0
}

func TestNothing(t *testing.T) {
	t.Parallel()
	nothing := []float64{0, math.NaN(), -1, math.Inf(1)}
	if top := chart.HighestSum(nil, nothing); top != 0 {
		t.Errorf("nothing is %v high", top)
	}
	if top := chart.Highest(nothing, nil); top != 0 {
		t.Errorf("nothing reaches %v", top)
	}
	if bars := chart.Stack(1, nil, nothing); bars != nil {
		t.Errorf("%v", bars)
	}
	if paths := chart.Lines(1, nil, []float64{math.NaN()}); len(paths) != 2 || paths[0]+paths[1] != "" {
		t.Errorf("%v", paths)
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		highest, least float64
		want           string
	}{
		{0, 1, "1 0"},
		{0, 0, "1.0 0.8 0.6 0.4 0.2 0"},
		{-1, 1, "1 0"},
		{math.Inf(1), 1, "1 0"},
		{math.NaN(), 1, "1 0"},
		{1, 1, "1 0"},
		{3, 1, "3 2 1 0"},
		{5, 1, "5 4 3 2 1 0"},
		{6, 1, "6 4 2 0"},
		{63, 1, "80 60 40 20 0"},
		{100, 1, "100 80 60 40 20 0"},
		{101, 1, "150 100 50 0"},
		{999, 1, "1000 800 600 400 200 0"},
		{0.3, 0, "0.3 0.2 0.1 0"},
		{0.0004, 0, "0.0004 0.0003 0.0002 0.0001 0"},
		{1.5, 0, "1.5 1.0 0.5 0"},
		{4.2, 0, "5 4 3 2 1 0"},
	} {
		var got []string
		scale := chart.NewScale(tt.highest, tt.least)
		for _, mark := range scale.Marks() {
			got = append(got, mark.Text)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("up to %v: %s, want %s", tt.highest, text, tt.want)
		}
	}
}

// FuzzScale holds that a scale has room for its values, has few marks, and that these are different.
func FuzzScale(f *testing.F) {
	f.Add(63.0, true)
	f.Add(1e-299, false)
	f.Add(9.999999999e299, false)
	f.Fuzz(func(t *testing.T, highest float64, whole bool) {
		least := 0.0
		if whole {
			least = 1
		}
		scale := chart.NewScale(highest, least)
		if highest < 1e300 && scale.Top < highest*(1-1e-8) {
			t.Errorf("%v is above %v", highest, scale)
		}
		if highest > 1e300 {
			return
		}
		marks, seen := scale.Marks(), map[string]bool{}
		for _, mark := range marks {
			seen[mark.Text] = true
		}
		if len(marks) < 2 || len(marks) > 6 || len(seen) != len(marks) {
			t.Errorf("the marks of %v up to %v are %v", scale, highest, marks)
		}
	})
}

// FuzzStack holds that bars stay in the plot, but for the least height that makes them visible.
func FuzzStack(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 0.0)
	f.Add(1e300, 1e-300, math.Inf(1), -5.0)
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		if max(a, b, c, d) > 1e300 {
			return
		}
		bars := chart.Stack(chart.NewScale(chart.HighestSum([]float64{a, b}, []float64{c, d}), 0).Top, []float64{a, b}, []float64{c, d})
		for _, bar := range bars {
			for _, coordinate := range []string{bar.X, bar.Y, bar.Width, bar.Height} {
				v, err := strconv.ParseFloat(coordinate, 64)
				if err != nil || v < -4 || v > chart.Width {
					t.Errorf("%v of %v %v %v %v: %v", bar, a, b, c, d, err)
				}
			}
		}
		paths := chart.Lines(chart.NewScale(chart.Highest([]float64{a, b, c, d}), 0).Top, []float64{a, b, c, d})
		if strings.ContainsAny(paths[0], "NIe") {
			t.Errorf("a path of %v %v %v %v is %s", a, b, c, d, paths[0])
		}
	})
}
