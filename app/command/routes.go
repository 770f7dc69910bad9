package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/labstack/echo/v4"
	"github.com/spf13/cobra"
)

// route is one line of the routes command.
type route struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Handler string `json:"handler"`
}

func (p *program) routes() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "routes",
		Short:   "List every route with its handler",
		Example: "  " + p.name + " routes\n  " + p.name + " routes --json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			a, err := p.app(nil)
			if err != nil {
				return err
			}
			list := routesOf(a.Echo)
			if asJSON {
				return writeJSON(p.out, list)
			}
			rows := make([][]string, len(list))
			for i, r := range list {
				rows[i] = []string{r.Method, r.Path, r.Handler}
			}
			return writeTable(p.out, []string{"METHOD", "PATH", "HANDLER"}, rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func routesOf(e *echo.Echo) []route {
	list := []route{}
	for _, r := range e.Routes() {
		// HEAD is implied by GET and would only make the list longer.
		if r.Method != echo.RouteNotFound && r.Method != http.MethodHead {
			list = append(list, route{r.Method, r.Path, shortHandler(r.Name)})
		}
	}
	slices.SortFunc(list, func(a, b route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return list
}

// shortHandler keeps only the last element of the import path: "contact.(*Handler).New".
func shortHandler(name string) string {
	name = name[strings.LastIndex(name, "/")+1:]
	return strings.TrimSuffix(name, "-fm")
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// writeTable writes rows in columns, without trailing spaces.
func writeTable(w io.Writer, header []string, rows [][]string) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		if _, err := fmt.Fprintln(table, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}
