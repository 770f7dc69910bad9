// Package cli contains the commands of covet, one per file. A command is a constructor that binds flags to an options
// struct, and a run function that takes it:
//
//	covet new blog
//	  main.go → cli.Main → newNew (flags) → runNew (newOptions) → scaffold.Plan → Project.Write
//
// Commands that need the code of an application are not here: [Main] builds the application's own binary and executes
// it, so that signals, exit codes and the terminal are those of the application.
package cli
