package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/text"
)

// textsFolder is where an application has the files of its texts.
var textsFolder = filepath.Join("app", "texts")

func (p *program) text() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "text",
		Short: "Check and test the translations",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.textMissing(), p.textPseudo())
	return cmd
}

func (p *program) textMissing() *cobra.Command {
	return &cobra.Command{
		Use:   "missing [LANGUAGE]...",
		Short: "List the texts that a language lacks",
		Long: `Missing lists the keys that a language lacks, one per line, and fails if there are any. Users see these texts in the
default language, and then in English. Without arguments it checks every language of the application.`,
		Example: "  " + p.name + " text missing\n  " + p.name + " text missing de",
		Args:    usageArgs(cobra.ArbitraryArgs),
		RunE: func(_ *cobra.Command, languages []string) error {
			a, err := p.app(nil)
			if err != nil {
				return err
			}
			if err := checkLanguages(a, languages); err != nil {
				return err
			}
			if len(languages) == 0 {
				languages = a.Catalogue().Languages()
			}
			missing := 0
			for _, lang := range languages {
				for _, key := range a.Catalogue().Missing(lang) {
					missing++
					if _, err := fmt.Fprintln(p.out, lang, key); err != nil {
						return err
					}
				}
			}
			if missing > 0 {
				return exit.New(exit.Failure, "Add the keys to the files in "+textsFolder+".", "texts are missing: %d", missing)
			}
			return nil
		},
	}
}

func checkLanguages(a *covet.App, languages []string) error {
	for _, lang := range languages {
		if !slices.Contains(a.Catalogue().Languages(), lang) {
			return exit.New(exit.Usage, "Add a file "+filepath.Join(textsFolder, lang+".yaml")+", or the language to text.languages.",
				"the application has no language %q; it has %s", lang, strings.Join(a.Catalogue().Languages(), ", "))
		}
	}
	return nil
}

func (p *program) textPseudo() *cobra.Command {
	return &cobra.Command{
		Use:   "pseudo",
		Short: "Write two pseudo-languages to test the pages with",
		Long: `Pseudo writes ` + text.PseudoLong + `.yaml and ` + text.PseudoRTL + `.yaml into ` + textsFolder + `: every text with accents, in
brackets and 40 % longer, and the same from right to left. On a page in such a language, text without accents does not
come from a file, and text without its closing bracket is cut off. Existing files of these names are replaced; delete them
before you release.`,
		Example: "  " + p.name + " text pseudo",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			a, err := p.app(nil)
			if err != nil {
				return err
			}
			folder := filepath.Join(p.dir, textsFolder)
			if info, err := os.Stat(folder); err != nil || !info.IsDir() {
				return exit.New(exit.Failure, "Create it as docs/text.md describes.", "there is no folder %s", textsFolder)
			}
			for _, lang := range []string{text.PseudoLong, text.PseudoRTL} {
				content, err := a.Catalogue().Pseudo(lang)
				if err != nil {
					return err
				}
				name := lang + ".yaml"
				if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil { //nolint:gosec // source code of the application
					return fmt.Errorf("writing a pseudo-language: %w", err)
				}
				if _, err := fmt.Fprintln(p.out, "  write", filepath.Join(textsFolder, name)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
