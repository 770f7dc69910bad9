package testserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Process is a server of a test's own, which the test may stop and start. It ends with the test.
type Process struct {
	// Address is where it listens, on a loopback address.
	Address string

	program string
	args    []string
	account *syscall.Credential // nil: that of the test
	stop    os.Signal
	probe   func(ctx context.Context) error
	cmd     *exec.Cmd // nil while it is stopped
}

// Start starts the server, with further arguments, and waits until it responds.
func (p *Process) Start(t testing.TB, args ...string) {
	t.Helper()
	p.cmd = exec.Command(p.program, append(p.args[:len(p.args):len(p.args)], args...)...)
	p.cmd.Stderr = t.Output()
	if p.account != nil {
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", p.program, err)
	}
	deadline := time.Now().Add(patience)
	for err := errors.New("not probed yet"); err != nil; {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = p.probe(ctx)
		cancel()
		if err != nil && time.Now().After(deadline) {
			t.Fatalf("%s at %s did not start: %v", p.program, p.Address, err)
		}
		if err != nil {
			<-time.After(20 * time.Millisecond)
		}
	}
}

// Stop asks the server to stop and waits until it has.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(p.stop); err != nil {
		t.Fatalf("stopping %s: %v", p.program, err)
	}
	_ = p.cmd.Wait() // however it ended
	p.cmd = nil
}

func (p *Process) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // it was killed
		p.cmd = nil
	}
}

// requireProgram returns the path of a program, or skips the test. With COVET_REQUIRE_SERVERS=1 it fails.
func requireProgram(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	// Debian keeps the programs of PostgreSQL out of PATH.
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return found[len(found)-1]
	}
	if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is required and not installed: %v", name, err)
	}
	t.Skip(name + " is not installed")
	return ""
}

// unprivileged returns the account of a user for servers that do not run as root, and gives the user the folder. It
// returns nil if the test does not run as root.
func unprivileged(t testing.TB, name, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup(name)
	if err != nil {
		t.Skipf("the test runs as root, and there is no user %s for the server", name)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// serverDir returns a new folder for a server, which any user may reach. It is removed when the test ends.
func serverDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "covet-server-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// prepare runs a program that makes the files of a server.
func prepare(t testing.TB, account *syscall.Credential, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	if account != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account}
	}
	cmd.Dir = os.TempDir()
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, output)
	}
}

// NewPostgres starts a PostgreSQL server of this test's own, with the superuser postgres, who needs no password.
// Without its programs the test is skipped, or fails with COVET_REQUIRE_SERVERS=1.
func NewPostgres(t testing.TB) *Process {
	t.Helper()
	program := requireProgram(t, "postgres")
	dir := serverDir(t)
	account := unprivileged(t, "postgres", dir)
	prepare(t, account, filepath.Join(filepath.Dir(program), "initdb"), "--pgdata", dir, "--username", "postgres",
		"--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C")
	address := freeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{
		Address: address, program: program, account: account, stop: os.Interrupt, // a fast shutdown
		args: []string{
			"-D", dir, "-p", port, "-c", "listen_addresses=" + host, "-c", "unix_socket_directories=",
			"-c", "fsync=off", "-c", "log_min_messages=panic", "-c", "shared_buffers=16MB",
		},
		probe: func(ctx context.Context) error {
			return execPostgres(ctx, "postgres://postgres@"+address+"/postgres?sslmode=disable", "SELECT 1")
		},
	}
	p.Start(t)
	t.Cleanup(p.kill)
	return p
}

// Exec runs a statement as the superuser of a server of NewPostgres or NewMariaDB.
func (p *Process) Exec(t testing.TB, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	if filepath.Base(p.program) == "postgres" {
		err = execPostgres(ctx, fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", p.Address), query)
	} else {
		err = execMySQL(ctx, fmt.Sprintf("mysql://root@%s/mysql", p.Address), query)
	}
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// NewMariaDB starts a MariaDB server of this test's own, with the user root, who needs no password. Without its
// programs the test is skipped, or fails with COVET_REQUIRE_SERVERS=1.
func NewMariaDB(t testing.TB) *Process {
	t.Helper()
	program := requireProgram(t, "mariadbd")
	dir := serverDir(t)
	account := unprivileged(t, "mysql", dir)
	prepare(t, account, requireProgram(t, "mariadb-install-db"), "--no-defaults", "--datadir="+dir,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	address := freeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{
		Address: address, program: program, account: account, stop: syscall.SIGTERM,
		args: []string{
			"--no-defaults", "--datadir=" + dir, "--port=" + port, "--bind-address=" + host,
			"--socket=" + dir + "/socket", "--pid-file=" + dir + "/pid", "--innodb-buffer-pool-size=32M",
			"--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--log-warnings=0", "--log-error=" + dir + "/log",
		},
		probe: func(ctx context.Context) error { return execMySQL(ctx, "mysql://root@"+address+"/mysql", "SELECT 1") },
	}
	p.Start(t)
	t.Cleanup(p.kill)
	return p
}

// freeAddress returns an address that nothing listened on a moment ago. It is on a loopback address that other tests and
// outgoing connections do not use, where the system has one, so that none of them takes the port meanwhile.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
