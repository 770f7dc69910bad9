package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/covetgo/covet/scaffold"
)

// service is a network service that the application may use.
type service struct {
	variable string
	example  string
	ports    map[string]string // by scheme
}

var (
	databases = service{"DATABASE_URL", "postgres://user@localhost:5432/blog", map[string]string{
		"postgres": "5432", "postgresql": "5432", "mysql": "3306", "mariadb": "3306",
	}}
	redises = service{
		"REDIS_URL", "redis://localhost:6379/0",
		map[string]string{"redis": "6379", "rediss": "6379", "unix": ""},
	}
	mailers = service{"SMTP_URL", "smtp://localhost:1025", map[string]string{"smtp": "587", "smtps": "465"}}
)

// examine dials the service of a URL. Results contain only the host and port of the URL.
func (s service) examine(ctx context.Context, p *inspection, text string) outcome {
	at, err := addresses(text, s.ports)
	if errors.Is(err, errNoHost) {
		return warning("not checked: "+s.variable+" has no host", "write it like "+s.example)
	}
	if err != nil {
		return failed(s.variable+" is invalid: "+err.Error(), "write it like "+s.example)
	}
	if err := dial(ctx, at); err != nil {
		return failed(err.Error(), p.start(at)+", or correct "+s.variable)
	}
	return passed(at[0].host + " answers")
}

// start returns how to start the service of an address: with Docker, if the application's compose file publishes it.
func (in *inspection) start(at []address) string {
	_, port, err := net.SplitHostPort(at[0].host)
	if err != nil {
		return "start it"
	}
	text, err := in.read("docker-compose.yml")
	if err == nil && regexp.MustCompile(`[0-9]:`+regexp.QuoteMeta(port)+`\b`).Match(text) {
		return "docker compose up --detach --wait"
	}
	return "start it"
}

func checkDatabase(ctx context.Context, p *inspection) outcome {
	s, err := p.settings()
	switch {
	case err != nil:
		return unreadable(err)
	case s.Database.URL == "":
		return failed("DATABASE_URL is not set",
			"set database.url in config/config.yaml, for example to sqlite:storage/"+p.Name+".db")
	case dialectOf(s.Database.URL) == scaffold.SQLite:
		return p.examineSQLite(s.Database.URL)
	default:
		return databases.examine(ctx, p, s.Database.URL)
	}
}

func (in *inspection) examineSQLite(text string) outcome {
	text = text[len("sqlite:"):]
	rest, slashes := strings.CutPrefix(text, "//")
	path, err := url.PathUnescape(rest)
	switch {
	case err != nil || path == "" || strings.HasSuffix(path, "/") || (slashes && path[0] != '/'):
		return failed("DATABASE_URL has no file", "write it like sqlite:storage/"+in.Name+".db")
	case path == ":memory:":
		return passed("in memory")
	}
	file := in.absolute(path)
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return failed(path+" is a folder", "write DATABASE_URL like sqlite:storage/"+in.Name+".db")
	} else if err == nil {
		if opened, err := os.OpenFile(file, os.O_RDWR, 0); errors.Is(err, fs.ErrPermission) {
			return failed(path+" is not writable", "chmod u+rw "+path)
		} else if err != nil {
			return failed("opening "+path+" fails: "+err.Error(), "check the file: ls -l "+path)
		} else if err := opened.Close(); err != nil {
			return failed("closing "+path+": "+err.Error(), "check the disk")
		}
	}
	if folder, err := writable(filepath.Dir(file)); err != nil {
		return unwritable(folder, err)
	}
	return passed(path + " is writable")
}

func (in *inspection) absolute(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(in.Root, path)
}

// writable tries to write to a folder, or to its nearest existing parent. Permissions are not enough: the disk may be
// full, or mounted read-only. It returns the folder that it tried.
func writable(folder string) (string, error) {
	for {
		_, err := os.Stat(folder)
		if err == nil || filepath.Dir(folder) == folder || !errors.Is(err, fs.ErrNotExist) {
			break
		}
		folder = filepath.Dir(folder)
	}
	file, err := os.CreateTemp(folder, ".covet-doctor-*")
	if err != nil {
		return folder, err
	}
	return folder, errors.Join(file.Close(), os.Remove(file.Name()))
}

// unwritable describes the error of writing to a folder.
func unwritable(folder string, err error) outcome {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return failed("the disk of the folder "+folder+" is full", "free some space: df -h "+folder)
	case errors.Is(err, syscall.EROFS):
		return failed("the folder "+folder+" is on a disk that is mounted read-only", "mount it for writing")
	case errors.Is(err, syscall.ENOTDIR):
		return failed(folder+" is a file, not a folder", "choose another folder, or move the file")
	case errors.Is(err, fs.ErrPermission):
		return failed("the folder "+folder+" is not writable", "chmod u+rwx "+folder)
	}
	return failed("writing to the folder "+folder+" fails: "+err.Error(), "check the folder: ls -ld "+folder)
}

func checkRedis(ctx context.Context, p *inspection) outcome {
	s, err := p.settings()
	switch {
	case err != nil:
		return unreadable(err)
	case s.Redis.URL == "":
		return passed("embedded: REDIS_URL is not set")
	default:
		return redises.examine(ctx, p, s.Redis.URL)
	}
}

func checkMail(ctx context.Context, p *inspection) outcome {
	s, err := p.settings()
	switch {
	case err != nil:
		return unreadable(err)
	case s.SMTP.URL == "" && s.production():
		return failed("SMTP_URL is not set, but production requires it",
			"set SMTP_URL, for example to smtp://user:password@mail.example.com:587")
	case s.SMTP.URL == "":
		return passed("mails are mails are captured: SMTP_URL is not set")
	default:
		return mailers.examine(ctx, p, s.SMTP.URL)
	}
}

func checkFiles(_ context.Context, p *inspection) outcome {
	s, err := p.settings()
	if err != nil {
		return unreadable(err)
	}
	path := s.App.DataDir
	if s.Storage.URL != "" {
		u, err := url.Parse(s.Storage.URL)
		switch {
		case err != nil || u.Scheme == "":
			return failed("STORAGE_URL is invalid", "write it like file:///var/lib/"+p.Name+"/files")
		case u.Scheme != "file":
			return warning("not checked: STORAGE_URL is not a folder", "try it: covet serve")
		case u.Path == "" || u.Path == "/" || u.Host != "":
			return failed("STORAGE_URL has no folder", "write it like file:///var/lib/"+p.Name+"/files")
		}
		path = u.Path
	}
	if folder, err := writable(p.absolute(path)); err != nil {
		return unwritable(folder, err)
	}
	return passed(path + " is writable")
}

// wsaAddressInUse is the code of EADDRINUSE on Windows.
const wsaAddressInUse = syscall.Errno(10048)

// checkPort tries to listen on the port of covet serve.
func checkPort(ctx context.Context, p *inspection) outcome {
	s, err := p.settings()
	if err != nil {
		return unreadable(err)
	}
	if s.Port == 0 {
		return passed("the system chooses one")
	}
	host := s.Bind
	if host == "" && !s.production() {
		host = "localhost"
	}
	port := strconv.Itoa(s.Port)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	switch {
	case err == nil:
		_ = listener.Close()
		return passed(port + " is free")
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaAddressInUse):
		return warning(
			"port "+port+" is in use, perhaps by this application: covet serve in another terminal, or a container",
			"stop it, or choose another port: covet serve --port "+strconv.Itoa(s.Port+1))
	case errors.Is(err, syscall.EACCES):
		return failed("no permission to listen on port "+port, "choose another port: covet serve --port 8000")
	default:
		return failed("listening on port "+port+" of "+orElse(host, "every address")+" fails: "+err.Error(),
			"check BIND and PORT")
	}
}
