// Package config loads the typed configuration of an application from defaults, YAML files, a .env file, the
// environment and command-line flags, and reports everything that is wrong with it at once.
//
// The configuration is a struct of the application's own. Nested structs are sections, embedded structs are
// squashed into the struct around them, and keys are the field names in snake_case:
//
//	type Config struct {
//		Port     int `default:"8000" min:"1" max:"65535" doc:"TCP port of the web server"`
//		Database struct {
//			URL          string `required:"true" doc:"where the data lives"`
//			MaxOpenConns int    `default:"25"`
//		}
//	}
//
//	loaded, err := config.Load[Config](config.Options{Dir: "."})
//	if err != nil {
//		return err // a *config.Error that lists each fault with its key, its source and what to do
//	}
//	fmt.Println(loaded.Value.Database.URL)
//
// # Layers
//
// A value comes from the highest layer that has it. From the lowest to the highest:
//
//  1. `default:"…"` tags, then [Options.Defaults]
//  2. config/config.yaml
//  3. config/config.<environment>.yaml
//  4. .env, in development only
//  5. the environment: the key in upper case with dots as underscores (DATABASE_MAX_OPEN_CONNS)
//  6. flags ([Options.Flags])
//
// No file has to exist. An empty environment variable overrides: it sets the zero value. Each layer is a viper
// instance of its own, so that the source of every value is known ([Loaded.Entries]).
//
// # Environments
//
// APP_ENV selects [Development] (the default), [Test] or [Production]. It is read from the flag "app.env" or the
// real environment; a file cannot set it, because it decides which files are read. The .env file is read in
// development only: tests must not depend on one developer's machine, and a production server must not pick up a
// file that happened to be copied along.
//
// # Tags
//
//	config:"name"     the key, when it is not the field name in snake_case; "-" leaves the field out
//	default:"25"      the value when no other layer has the key
//	required:"true"   an empty value is a fault; required:"production" only there
//	enum:"text,json"  the values allowed
//	min:"1" max:"10"  bounds of a number, duration or size; of the length of a string or list
//	secret:"true"     never shown, neither in Entries nor in a fault; a name that ends in key, secret, token,
//	                  password or passphrase demands the tag, with true or false
//	doc:"one line"    shown by the command that prints the configuration
//
// An empty value passes enum, min and max: zero means "not chosen", and only required refuses it. Passwords inside
// URLs are hidden everywhere, with or without the secret tag.
//
// # Rules
//
// Any struct of the configuration may implement [Validator] for rules that tags cannot express; it reports faults by
// keys relative to its own section.
//
// # Kubernetes
//
// Kubernetes injects variables such as REDIS_PORT and REDIS_SERVICE_HOST for each service, so Load refuses a
// configuration type with a key that ends in "host" or "port", except the top-level "port".
package config
