package config_test

import (
	"fmt"
	"os"

	"github.com/covetgo/covet/config"
)

func Example() {
	type Config struct {
		Port     int `default:"8000" doc:"TCP port of the web server"`
		Database struct {
			URL          string `required:"true" doc:"where the data lives"`
			MaxOpenConns int    `default:"25"`
		}
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	loaded, err := config.Load[Config](config.Options{
		Dir:     dir,
		Environ: []string{"DATABASE_URL=postgres://app:secret@localhost/blog"},
		Flags:   map[string]string{"port": "9000"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("port", loaded.Value.Port)
	for _, entry := range loaded.Entries() {
		fmt.Printf("%s = %s (%s)\n", entry.Key, entry.Value, entry.Source)
	}
	// Output:
	// port 9000
	// database.max_open_conns = 25 (default)
	// database.url = postgres://app:[hidden]@localhost/blog (environment DATABASE_URL)
	// port = 9000 (flag --port)
}

func ExampleError() {
	type Config struct {
		Port  int    `default:"8000"`
		Color string `enum:"red,green"`
	}
	_, err := config.Load[Config](config.Options{
		Dir:     "testdata", // no folder has to exist
		Environ: []string{"PORT=many", "COLOR=blue"},
	})
	fmt.Println(err)
	// Output:
	// invalid configuration, 2 faults:
	//   - color = "blue" (environment COLOR): expected one of red, green.
	//   - port = "many" (environment PORT): expected a whole number such as 25.
}

func ExampleParseBytes() {
	size, err := config.ParseBytes("1.5GiB")
	fmt.Println(int64(size), size, err)
	// Output: 1610612736 1536MiB <nil>
}
