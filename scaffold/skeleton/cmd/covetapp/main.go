// Command covetapp serves Covet App and contains its other commands.
package main

import (
	"os"

	"github.com/covetgo/covet/app/command"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/app/commands"
)

func main() { os.Exit(command.Main("covetapp", app.New, commands.All()...)) }
