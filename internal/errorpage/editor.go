package errorpage

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Editor makes links that open a file in an editor. The zero value makes none.
type Editor struct{ template string }

// editors are the links of known editors. Those that have none of their own come with the handlers that people install
// for them.
var editors = map[string]string{
	"vscode":          "vscode://file{file}:{line}:{column}",
	"vscode-insiders": "vscode-insiders://file{file}:{line}:{column}",
	"vscodium":        "vscodium://file{file}:{line}:{column}",
	"cursor":          "cursor://file{file}:{line}:{column}",
	"windsurf":        "windsurf://file{file}:{line}:{column}",
	"zed":             "zed://file{file}:{line}:{column}",
	"idea":            "idea://open?file={file}&line={line}&column={column}",
	"goland":          "goland://open?file={file}&line={line}&column={column}",
	"sublime":         "subl://open?url=file://{file}&line={line}&column={column}",
	"textmate":        "txmt://open?url=file://{file}&line={line}&column={column}",
	"nvim":            "nvim://open?file={file}&line={line}&column={column}",
	"emacs":           "emacs://open?url=file://{file}&line={line}&column={column}",
}

// commands are the commands that start an editor, where they have another name.
var commands = map[string]string{
	"code": "vscode", "code-insiders": "vscode-insiders", "codium": "vscodium", "subl": "sublime", "mate": "textmate",
	"vim": "nvim", "vi": "nvim", "gvim": "nvim", "neovim": "nvim", "intellij": "idea", "emacsclient": "emacs",
}

// NewEditor returns the editor that setting names: one of vscode, vscode-insiders, vscodium, cursor, windsurf, zed,
// idea, goland, sublime, textmate, nvim and emacs, or a template such as "myeditor://open?file={file}&line={line}".
// "none" is no editor. An empty setting takes the editor whose terminal this is (TERM_PROGRAM), then the one of VISUAL
// or EDITOR, and then vscode.
func NewEditor(setting string, env func(string) string) Editor {
	setting = strings.TrimSpace(setting)
	switch {
	case setting == "none":
		return Editor{}
	case setting == "":
		return Editor{editors[detectEditor(env)]}
	case strings.Contains(setting, "{file}"):
		return Editor{safeTemplate(setting)}
	}
	return Editor{editors[known(setting)]}
}

// KnownEditor reports whether NewEditor understands a setting.
func KnownEditor(setting string) bool {
	return setting == "" || setting == "none" || NewEditor(setting, func(string) string { return "" }).template != ""
}

// safeTemplate returns a template whose link only opens an editor.
//
// Threat: a setting that a project brings along makes every link of the page run a script.
func safeTemplate(template string) string {
	u, err := url.Parse(strings.NewReplacer("{file}", "/f", "{line}", "1", "{column}", "1").Replace(template))
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "", "javascript", "data", "vbscript", "blob", "about":
		return ""
	}
	return template
}

// known returns the name of an editor by its name or command, with or without folder and arguments.
func known(name string) string {
	name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	name = strings.TrimSuffix(strings.ToLower(filepath.Base(name)), ".exe")
	if other, ok := commands[name]; ok {
		return other
	}
	return name
}

func detectEditor(env func(string) string) string {
	names := []string{env("TERM_PROGRAM"), env("VISUAL"), env("EDITOR")}
	if env("CURSOR_TRACE_ID") != "" {
		names[0] = "cursor" // which calls its terminal vscode
	}
	for _, name := range names {
		if name = known(name); editors[name] != "" {
			return name
		}
	}
	if strings.Contains(env("TERMINAL_EMULATOR"), "JetBrains") {
		return "goland"
	}
	return "vscode"
}

// Link returns the link that opens a file, or "" without an editor. Lines and columns count from 1; what is not known
// becomes 1.
func (e Editor) Link(path string, line, column int) string {
	if e.template == "" || path == "" {
		return ""
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return strings.NewReplacer(
		"{file}", escapePath(path),
		"{line}", strconv.Itoa(max(line, 1)),
		"{column}", strconv.Itoa(max(column, 1)),
	).Replace(e.template)
}

// escapePath escapes a path so that it stays one, in a path as well as in a query.
func escapePath(path string) string {
	return strings.NewReplacer("&", "%26", "+", "%2B", "=", "%3D",
		"#", "%23", "?", "%3F").Replace((&url.URL{Path: path}).EscapedPath())
}
