package storage

import (
	"crypto/rand"
	"path"
	"strings"
)

// safeExtensions are the extensions that a key may keep: no program and no server runs such a file.
var safeExtensions = map[string]bool{
	".avif": true, ".gif": true, ".jpeg": true, ".jpg": true, ".png": true, ".webp": true,
	".csv": true, ".docx": true, ".epub": true, ".ics": true, ".json": true, ".md": true,
	".odp": true, ".ods": true, ".odt": true,
	".pdf": true, ".pptx": true, ".txt": true, ".xlsx": true,
	".gz": true, ".tar": true, ".zip": true,
	".flac": true, ".m4a": true, ".mov": true, ".mp3": true, ".mp4": true, ".ogg": true, ".wav": true, ".webm": true,
}

// NewKey returns a key that no other file has, such as "posts/cover/2y6k…q7.png": the prefix, which is the program's,
// 26 random letters and digits, and the extension of fileName if it is a harmless one. Nothing else of the name, which
// is the client's, is in it.
//
// Threats: a name that leads elsewhere, replaces another file, or has a server run it (shell.php); keys that can be
// guessed.
func NewKey(prefix, fileName string) string {
	extension := strings.ToLower(path.Ext(fileName))
	if !safeExtensions[extension] {
		extension = ""
	}
	return prefix + "/" + strings.ToLower(rand.Text()) + extension
}
