package port

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ask runs lsof, if it is installed.
func ask(ctx context.Context, number int) (Program, bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, "lsof", "-nP", "-iTCP:"+strconv.Itoa(number), "-sTCP:LISTEN", "-Fpc").Output()
	if err != nil {
		return Program{}, false
	}
	return parse(string(output))
}

// parse reads the fields p and c of lsof, one per line.
func parse(output string) (Program, bool) {
	var p Program
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p") && p.PID == 0:
			p.PID, _ = strconv.Atoi(line[1:]) // not a process
		case strings.HasPrefix(line, "c") && p.Name == "":
			p.Name = line[1:]
		}
	}
	return p, p.PID > 0 && p.Name != ""
}
