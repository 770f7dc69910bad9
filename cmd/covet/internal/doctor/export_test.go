package doctor

import "context"

// Check runs one check as Examine does, without the others.
func Check(ctx context.Context, app App, name string) Finding {
	for _, c := range checks() {
		if c.name == name {
			return examine(ctx, app, []check{c})[0]
		}
	}
	panic("doctor: no check " + name)
}
