package command

import (
	"github.com/spf13/cobra"

	"github.com/covetgo/covet/config"
)

// entry is one key in the output of the config command.
type entry struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Env    string `json:"env"`
	Doc    string `json:"doc"`
}

func (p *program) config() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the effective configuration with the source of each value",
		Long: `Print the effective configuration: every key, its value and the source of the value.
Secrets and the passwords in URLs are hidden.`,
		Example: "  " + p.name + " config\n  PORT=3000 " + p.name + " config --json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			l, err := p.load(nil)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.out, entriesOf(l.entries))
			}
			rows := make([][]string, len(l.entries))
			for i, e := range l.entries {
				rows[i] = []string{e.Key, e.Value, e.Source}
			}
			return writeTable(p.out, []string{"KEY", "VALUE", "SOURCE"}, rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with the environment variable of each key")
	return cmd
}

func entriesOf(list []config.Entry) []entry {
	entries := make([]entry, len(list))
	for i, e := range list {
		entries[i] = entry{Key: e.Key, Value: e.Value, Source: e.Source, Env: e.Env, Doc: e.Doc}
	}
	return entries
}
