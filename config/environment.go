package config

import (
	"fmt"
	"slices"
	"strings"
)

// The environments that APP_ENV selects.
const (
	// Development is the default: .env is read, conveniences are on.
	Development = "development"
	// Test is for automated tests: .env is ignored.
	Test = "test"
	// Production is for servers: .env is ignored, stricter rules apply.
	Production = "production"
)

const (
	envKey      = "app.env"
	envVariable = "APP_ENV"
)

var environments = []string{Development, Test, Production}

// AppEnv returns the environment that APP_ENV selects in environ, a list of "NAME=value" strings as returned by
// os.Environ. Without APP_ENV, or with an empty one, it is [Development]. Any other name than the three is an error.
func AppEnv(environ []string) (string, error) {
	name := environment(environ)[envVariable]
	if name == "" {
		return Development, nil
	}
	if !slices.Contains(environments, name) {
		return "", fmt.Errorf("reading %s: %q is not one of %s", envVariable, name, strings.Join(environments, ", "))
	}
	return name, nil
}

// environment turns a list of "NAME=value" strings into a map; as in os/exec the last one of a name wins.
func environment(environ []string) map[string]string {
	vars := make(map[string]string, len(environ))
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			vars[name] = value
		}
	}
	return vars
}
