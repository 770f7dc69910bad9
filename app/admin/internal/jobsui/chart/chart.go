// Package chart turns numbers into the shapes of small charts, which the views draw as SVG:
//
//	scale := chart.NewScale(chart.HighestSum(done, failed), 1)
//	bars := chart.Stack(scale.Top, done, failed)
//
// A plot is [Width] wide and [Height] high, with the origin at the upper left, and is stretched to whatever room it
// has.
package chart

import (
	"fmt"
	"math"
	"strings"
)

// The size of a plot, in its own units.
const (
	Width  = 1200
	Height = 400
)

// Bar is a rectangle of one of the stacked series, from the first at the bottom to the last at the top.
type Bar struct {
	Series              int
	X, Y, Width, Height string
}

// HighestSum returns the largest sum of the values in one column; 0 if there is none. Values that are no numbers, or
// negative, count as nothing.
func HighestSum(series ...[]float64) float64 {
	highest := 0.0
	for i := range columns(series) {
		sum := 0.0
		for _, values := range series {
			sum += at(values, i)
		}
		highest = max(highest, sum)
	}
	return highest
}

// Highest returns the largest value; 0 if there is none.
func Highest(series ...[]float64) float64 {
	highest := 0.0
	for _, values := range series {
		for i := range values {
			highest = max(highest, at(values, i))
		}
	}
	return highest
}

func columns(series [][]float64) int {
	n := 0
	for _, values := range series {
		n = max(n, len(values))
	}
	return n
}

// Stack returns the bars of series, up to the top of a scale.
func Stack(top float64, series ...[]float64) []Bar {
	n := columns(series)
	step := Width / float64(n)
	var bars []Bar
	for i := range n {
		below := 0.0
		for number, values := range series {
			v := at(values, i)
			if v == 0 {
				continue
			}
			// What is not nothing is visible: half a percent of the height at least.
			height := max(v/top*Height, 2)
			below += height
			x := float64(i)*step + step*0.1
			bars = append(bars, Bar{number, text(x), text(Height - below), text(step * 0.8), text(height)})
		}
	}
	return bars
}

func at(values []float64, i int) float64 {
	if i >= len(values) || math.IsNaN(values[i]) || math.IsInf(values[i], 0) || values[i] < 0 {
		return 0
	}
	return values[i]
}

// Lines returns, for each series, the data of an SVG path through its values, up to the top of a scale. A value that is
// no number is a gap; one between two gaps is a dot, with a round line cap. An empty path has no values.
func Lines(top float64, series ...[]float64) []string {
	var paths []string
	for _, values := range series {
		var path strings.Builder
		step := Width / float64(max(len(values), 1))
		pen := false
		for i, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				pen = false
				continue
			}
			x, y := text((float64(i)+0.5)*step), text(Height-v/top*Height)
			if !pen {
				fmt.Fprintf(&path, "M%s %s", x, y)
			}
			fmt.Fprintf(&path, "L%s %s", x, y)
			pen = true
		}
		paths = append(paths, path.String())
	}
	return paths
}

// text writes a coordinate with one decimal.
func text(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }
