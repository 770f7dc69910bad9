package chart

import (
	"math"
	"strconv"
)

// maxSteps bounds the steps of a scale, so that its labels have room.
const maxSteps = 5

// Scale is an axis from nothing to Top, with a mark at each Step.
type Scale struct{ Top, Step float64 }

// NewScale returns the scale that has the highest value in it with the least room above. Its step is 1, 2 or 5 with
// zeros, and not below least: whole things are counted in steps of 1 at least. Without a value it has one step.
func NewScale(highest, least float64) Scale {
	if math.IsNaN(highest) || math.IsInf(highest, 0) || highest < 1e-300 {
		highest = max(least, 1)
	}
	step := max(round(highest/maxSteps), least)
	return Scale{Top: math.Ceil(highest/step*(1-1e-9)) * step, Step: step}
}

// round returns the next number from v on that is 1, 2 or 5 with zeros.
func round(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if v <= factor*power*(1+1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// Mark is a place on a scale: how far from its top, in percent of its length, and the number there.
type Mark struct {
	Percent float64
	Text    string
}

// Marks returns the marks from the top to 0, with as many decimals as the step needs.
func (s Scale) Marks() []Mark {
	steps := int(math.Round(s.Top / s.Step))
	decimals := max(0, -int(math.Floor(math.Log10(s.Step)+1e-9)))
	marks := make([]Mark, 0, steps+1)
	for i := steps; i >= 0; i-- {
		number := strconv.FormatFloat(float64(i)*s.Step, 'f', decimals, 64)
		if i == 0 {
			number = "0"
		}
		marks = append(marks, Mark{100 * float64(steps-i) / float64(steps), number})
	}
	return marks
}
