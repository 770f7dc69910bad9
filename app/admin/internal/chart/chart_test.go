package chart_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/admin/internal/chart"
)

func ExampleStack() {
	bars, top := chart.Stack([]float64{3, 1}, []float64{0, 2})
	for _, bar := range bars {
		fmt.Println(bar.Series, bar.X, bar.Y, bar.Width, bar.Height)
	}
	fmt.Println(top)
	// Output:
	// 0 60 160 480 240
	// 0 660 320 480 80
	// 1 660 160 480 160
	// 5
}

func ExampleLines() {
	paths, top := chart.Lines([]float64{0, 10, math.NaN(), 5})
	fmt.Println(paths[0], top)
	// Output:
	// M150 400L150 400L450 0M1050 200L1050 200 10
}

func TestNothing(t *testing.T) {
	t.Parallel()
	if bars, top := chart.Stack(nil, []float64{0, math.NaN(), -1}); bars != nil || top != 0 {
		t.Errorf("%v up to %v", bars, top)
	}
	if paths, top := chart.Lines(nil, []float64{math.NaN()}); len(paths) != 2 || paths[0]+paths[1] != "" || top != 1 {
		t.Errorf("%v up to %v", paths, top)
	}
}

func TestCeiling(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]float64{0: 0, -1: 0, 1: 1, 3: 5, 5: 5, 6: 10, 11: 20, 0.3: 0.5, 999: 1000, math.Inf(1): 0} {
		if got := chart.Ceiling(v); math.Abs(got-want) > 1e-9*want {
			t.Errorf("above %v: %v, want %v", v, got, want)
		}
	}
}

// FuzzStack holds that bars stay in the plot, but for the least height that makes them visible.
func FuzzStack(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 0.0)
	f.Add(1e300, 1e-300, math.Inf(1), -5.0)
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		if max(a, b, c, d) > 1e300 {
			return
		}
		bars, _ := chart.Stack([]float64{a, b}, []float64{c, d})
		for _, bar := range bars {
			for _, coordinate := range []string{bar.X, bar.Y, bar.Width, bar.Height} {
				v, err := strconv.ParseFloat(coordinate, 64)
				if err != nil || v < -4 || v > chart.Width {
					t.Errorf("%v of %v %v %v %v: %v", bar, a, b, c, d, err)
				}
			}
		}
		paths, _ := chart.Lines([]float64{a, b, c, d})
		if strings.ContainsAny(paths[0], "NIe") {
			t.Errorf("a path of %v %v %v %v is %s", a, b, c, d, paths[0])
		}
	})
}
