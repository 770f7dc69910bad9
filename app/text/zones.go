package text

import (
	_ "embed"
	"strings"
)

// zoneNames are the zones that the file zone.tab of the tz database lists for places, and UTC.
//
//go:embed zones.txt
var zoneNames string

// Zones returns the names of the time zones from which a user chooses, sorted: "Africa/Abidjan" to "UTC". [Zone] knows
// further names of the tz database, such as aliases.
func Zones() []string { return strings.Fields(zoneNames) }
