package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/port"
	"github.com/covetgo/covet/internal/devlink"
)

// listen listens on the public port. If it is in use, it asks whether to use the next free one.
func listen(ctx context.Context, s streams, app project, host string, number int) ([]net.Listener, error) {
	listeners, err := port.Listen(ctx, host, number)
	switch {
	case err == nil:
		return listeners, nil
	case errors.Is(err, port.ErrTaken):
	case errors.Is(err, syscall.EACCES):
		return nil, exit.Wrap(exit.Unavailable, "Choose another port: covet serve --port 8000", err)
	default:
		return nil, exit.Wrap(exit.Unavailable, "Check --host, or BIND in the configuration.", err)
	}
	text := fmt.Sprintf("port %d is in use", number)
	if link, ok := devlink.Find(ctx, app.root); ok && link.Port() == number {
		text = fmt.Sprintf("covet serve already runs this application at %s", link.Public)
	}
	if owner, known := port.Owner(ctx, number); known {
		text += ", by " + owner.String()
	}
	free := port.Free(ctx, host, number+1)
	if free == 0 {
		return nil, exit.New(exit.Unavailable, "Stop it, or choose another port with --port.", "%s", text)
	}
	if !s.terminal {
		return nil, exit.New(exit.Unavailable, fmt.Sprintf("Stop it, or run: covet serve --port %d", free), "%s", text)
	}
	yes, err := askPort(ctx, s, text, free)
	if err != nil {
		return nil, err
	}
	if !yes {
		return nil, exit.New(exit.Unavailable, fmt.Sprintf("Run: covet serve --port %d", free), "%s", text)
	}
	listeners, err = port.Listen(ctx, host, free)
	return listeners, exit.Wrap(exit.Unavailable, "Choose another port with --port.", err)
}

// askPort asks whether to use another port.
func askPort(ctx context.Context, s streams, text string, free int) (bool, error) {
	answers := bufio.NewReader(s.in)
	for {
		fmt.Fprintf(s.out, "%s. Use port %d? [Y/n] ", strings.ToUpper(text[:1])+text[1:], free)
		answer, err := readLine(ctx, answers)
		if err != nil {
			return false, exit.New(exit.Interrupted, "", "stopped")
		}
		switch strings.ToLower(answer) {
		case "", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}
