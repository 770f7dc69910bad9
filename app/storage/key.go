package storage

import (
	"crypto/rand"
	"path"
	"strings"
)

// safeExtensions are the extensions that a key may have: no program and no server executes such a file.
var safeExtensions = map[string]bool{
	".avif": true, ".gif": true, ".jpeg": true, ".jpg": true, ".png": true, ".webp": true,
	".csv": true, ".docx": true, ".epub": true, ".ics": true, ".json": true, ".md": true,
	".odp": true, ".ods": true, ".odt": true,
	".pdf": true, ".pptx": true, ".txt": true, ".xlsx": true,
	".gz": true, ".tar": true, ".zip": true,
	".flac": true, ".m4a": true, ".mov": true, ".mp3": true, ".mp4": true, ".ogg": true, ".wav": true, ".webm": true,
}

// NewKey returns a unique key such as "posts/cover/2y6k…q7.png": the prefix, which the program chooses, 26 random
// letters and digits, and the extension of fileName if it is harmless. It contains nothing else of fileName, which the
// client chooses.
//
// Threats: a name that leads out of the store, replaces another file, or makes a server execute it (shell.php); keys
// that can be guessed.
func NewKey(prefix, fileName string) string {
	extension := strings.ToLower(path.Ext(fileName))
	if !safeExtensions[extension] {
		extension = ""
	}
	return prefix + "/" + strings.ToLower(rand.Text()) + extension
}
