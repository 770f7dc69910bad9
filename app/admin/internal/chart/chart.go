// Package chart turns numbers into the shapes of small charts, which the views draw as SVG:
//
//	shapes, top := chart.Stack([]float64{3, 1}, []float64{0, 2})
//
// A plot is [Width] wide and [Height] high, with the origin at the upper left, and is stretched to whatever room it has.
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

// Stack returns the bars of series of equal length, and the top of the scale. Values that are no numbers, or negative, count
// as nothing.
func Stack(series ...[]float64) (bars []Bar, top float64) {
	columns := 0
	for _, values := range series {
		columns = max(columns, len(values))
	}
	for i := range columns {
		sum := 0.0
		for _, values := range series {
			sum += at(values, i)
		}
		top = max(top, sum)
	}
	if top == 0 {
		return nil, 0
	}
	top = Ceiling(top)
	step := Width / float64(columns)
	for i := range columns {
		below := 0.0
		for n, values := range series {
			v := at(values, i)
			if v == 0 {
				continue
			}
			// What is not nothing is visible: half a percent of the height at least.
			height := max(v/top*Height, 2)
			below += height
			bars = append(bars, Bar{n, text(float64(i)*step + step*0.1), text(Height - below), text(step * 0.8), text(height)})
		}
	}
	return bars, top
}

func at(values []float64, i int) float64 {
	if i >= len(values) || math.IsNaN(values[i]) || math.IsInf(values[i], 0) || values[i] < 0 {
		return 0
	}
	return values[i]
}

// Lines returns, for each series, the data of an SVG path through its values, and the top of the scale. A value that is no
// number is a gap; one between two gaps is a dot, with a round line cap. An empty path has no values.
func Lines(series ...[]float64) (paths []string, top float64) {
	for _, values := range series {
		for i := range values {
			top = max(top, at(values, i))
		}
	}
	if top == 0 {
		top = 1
	}
	top = Ceiling(top)
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
	return paths, top
}

// Ceiling returns the next number above v that reads well: 1, 2 or 5 with zeros.
func Ceiling(v float64) float64 {
	if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if v <= factor*power*(1+1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// text writes a coordinate with one decimal.
func text(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }
