package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const secretVariable = "SECRET_KEY"

// GenerateSecret returns 32 random bytes as 43 characters of base64url without padding.
func GenerateSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(key)
}

// WeakSecret reports whether a SECRET_KEY is easy to guess: shorter than 32 characters, or made of fewer than 10
// different ones.
func WeakSecret(key string) bool {
	distinct := map[rune]bool{}
	for _, r := range key {
		distinct[r] = true
	}
	return len(key) < 32 || len(distinct) < 10
}

// EnsureSecret writes a generated SECRET_KEY into the .env file of the folder dir, unless the file or the environ
// (as from os.Environ) has one already, and reports whether it did. The rest of the file stays as it is; the file is
// replaced at once and readable by its owner only. A .env file that cannot be understood is an error and stays
// untouched. It is meant for development, where .env is read.
func EnsureSecret(dir string, environ []string) (created bool, err error) {
	if environment(environ)[secretVariable] != "" {
		return false, nil
	}
	path := filepath.Join(dir, dotenvName)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("reading %s: %w", dotenvName, err)
	}
	text, needed, err := withSecret(string(data))
	if err != nil || !needed {
		return false, err
	}
	if err := replaceFile(path, text); err != nil {
		return false, fmt.Errorf("writing %s to %s: %w", secretVariable, dotenvName, err)
	}
	return true, nil
}

// withSecret returns the text of a .env file with a SECRET_KEY in it, and whether it had none.
func withSecret(text string) (string, bool, error) {
	assignments, problems := parseDotenv(text)
	if len(problems) > 0 {
		return "", false, fmt.Errorf("reading %s: %s", dotenvSource(problems[0].line), problems[0].problem)
	}
	line := secretVariable + "=" + GenerateSecret()
	for _, a := range assignments {
		if a.name != secretVariable {
			continue
		}
		if a.value != "" {
			return text, false, nil
		}
		return text[:a.start] + line + text[a.end:], true, nil
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + line + "\n", true, nil
}

// replaceFile writes a file beside path, readable by its owner only, and renames it into place.
func replaceFile(path, text string) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), dotenvName+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.WriteString(text)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
