// Command covet creates applications, and runs the commands of the application in the working directory.
//
//	covet new blog
//	cd blog
//	covet serve
package main

import (
	"os"

	"github.com/covetgo/covet/cmd/covet/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
