package port

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening is the state of a listening socket in /proc/net/tcp.
const listening = "0A"

// owner finds the sockets that listen on a port, and then the process that holds one of them.
func owner(number int) (Program, bool) {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		find(table, fmt.Sprintf(":%04X", number), sockets)
	}
	if len(sockets) == 0 {
		return Program{}, false
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // fails only for an invalid pattern
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !sockets[target] {
			continue
		}
		folder := filepath.Dir(filepath.Dir(link))
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		name, err := os.ReadFile(filepath.Join(folder, "comm"))
		if err != nil {
			continue
		}
		return Program{PID: pid, Name: strings.TrimSpace(string(name))}, true
	}
	return Program{}, false
}

// find adds the sockets of a table that listen on a port, in the form of links in /proc.
func find(table, port string, sockets map[string]bool) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && strings.HasSuffix(fields[1], port) && fields[3] == listening {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
}
