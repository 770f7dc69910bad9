package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/scaffold/generate"
	"github.com/covetgo/covet/scaffold/insert"
)

// changeReport prints what a generator does.
type changeReport struct{ streams }

// files lists the files; unchanged ones only if there are no others.
func (r changeReport) files(change *generate.Change) {
	if change.Empty() {
		fmt.Fprintf(r.out, "Nothing to do: %s is up to date.\n", change.Title)
		return
	}
	for _, f := range change.Files {
		if f.Status == generate.Same || isView(f.Path) {
			continue
		}
		fmt.Fprintf(r.out, "%9s  %s\n", verb(f), f.Path)
	}
}

// verb says what happens to a file.
func verb(f generate.FileChange) string {
	switch {
	case f.After == nil:
		return "remove"
	case f.Status == generate.Conflict:
		return "overwrite"
	default:
		return f.Status.String()
	}
}

// isView reports whether a file is generated from a view, which is listed instead.
func isView(path string) bool { return strings.HasSuffix(path, "_templ.go") }

// diffs shows every difference.
func (r changeReport) diffs(change *generate.Change) {
	for _, f := range change.Files {
		if f.Status != generate.Same && !isView(f.Path) {
			fmt.Fprintln(r.out)
			fmt.Fprint(r.out, f.Diff())
		}
	}
}

// insertions shows the code that could not be inserted.
func (r changeReport) insertions(change *generate.Change) {
	for _, i := range change.Insertions {
		if i.Outcome != insert.Unable {
			continue
		}
		fmt.Fprintf(r.out, "\nInsert by hand, %s:\n", i.Hint)
		if i.Package.Path != "" {
			fmt.Fprintf(r.out, "    import %q\n", i.Package.Path)
		}
		fmt.Fprintf(r.out, "    %s\n", i.Snippet())
	}
}

// printNotes prints what to do next.
func (r changeReport) printNotes(change *generate.Change) {
	if len(change.Notes) == 0 || change.Empty() {
		return
	}
	fmt.Fprintln(r.out)
	for _, note := range change.Notes {
		fmt.Fprintln(r.out, note)
	}
}

// askAboutConflicts asks for each file whether to overwrite it.
func askAboutConflicts(ctx context.Context, s streams, change *generate.Change, conflicts []generate.FileChange) error {
	answers := bufio.NewReader(s.in)
	for _, f := range conflicts {
		overwrite, err := askAboutFile(ctx, s, answers, f)
		if err != nil {
			return err
		}
		if !overwrite {
			change.Keep(f.Path)
		}
	}
	return nil
}

func askAboutFile(ctx context.Context, s streams, answers *bufio.Reader,
	f generate.FileChange,
) (overwrite bool, err error) {
	why := "was changed by hand"
	if strings.HasPrefix(f.Path, "migrations/") {
		why = "was changed by hand, or may have been applied"
	}
	for {
		fmt.Fprintf(s.out, "%s %s. [d]iff, [o]verwrite, [s]kip or [q]uit? ", f.Path, why)
		answer, err := readLine(ctx, answers)
		if err != nil {
			return false, exit.New(exit.Interrupted, "Nothing was changed.", "stopped")
		}
		switch strings.ToLower(answer) {
		case "d", "diff":
			fmt.Fprint(s.out, f.Diff())
		case "o", "overwrite":
			return true, nil
		case "s", "skip":
			return false, nil
		case "q", "quit":
			return false, exit.New(exit.Interrupted, "Nothing was changed.", "stopped")
		}
	}
}

// readLine reads an answer. It returns early if the command is interrupted.
func readLine(ctx context.Context, r *bufio.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := r.ReadString('\n')
		read <- line{strings.TrimSpace(text), err}
	}()
	select {
	case l := <-read:
		if l.err == io.EOF && l.text != "" { //nolint:errorlint // bufio returns it bare
			return l.text, nil
		}
		return l.text, l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
