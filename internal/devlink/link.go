// Package devlink is how the dev server of "covet serve" and the application that it starts talk to each other.
// The dev server makes a [Link], starts the application with it in its environment, and listens:
//
//	link := devlink.Link{Control: "http://127.0.0.1:41001", Token: devlink.NewToken(), Run: "1"}
//	go http.Serve(listener, devlink.Handler(link.Token, func(m devlink.Message) { … }))
//	cmd.Env = append(os.Environ(), link.Environ())
//
// The application reads it, and says when it can be asked:
//
//	link, ok, err := devlink.FromEnvironment()
//	err = link.SendReady(ctx, devlink.Ready{Address: listener.Addr().String()})
//
// The standard input of the application is a pipe that the dev server holds: see [AwaitStop]. Other commands of the
// application find the link of a dev server that runs in its folder with [Find].
package devlink

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Variable is the environment variable that holds a [Link].
const Variable = "COVET_DEV"

// Link is what an application knows of the dev server that started it.
type Link struct {
	// Control is the address of the dev server's control server, such as http://127.0.0.1:41001.
	Control string `json:"control"`
	// Token is what the control server and Redis ask for.
	Token string `json:"token"`
	// Redis is the address of the dev server's embedded Redis, as host:port.
	Redis string `json:"redis"`
	// Public is the address of the application for a browser on this machine, such as http://localhost:8000.
	Public string `json:"public"`
	// Root is the folder of the application, absolute. With it, assets are read from where they are edited. Defaults to
	// the working directory.
	Root string `json:"root,omitempty"`
	// Run names this start of the application, and comes back in each of its messages, so that the dev server can tell
	// what an earlier start says late. Defaults to "".
	Run string `json:"run,omitempty"`
	// Terminal is set when the log of the application ends up on a terminal, for people to read.
	Terminal bool `json:"terminal,omitempty"`
	// Color is set when that terminal shows colours and they are wanted.
	Color bool `json:"color,omitempty"`
}

// NewToken returns a token of 128 random bits.
func NewToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Environ returns the link as an entry of an environment, "COVET_DEV=…".
func (l Link) Environ() string {
	text, err := json.Marshal(l)
	if err != nil {
		panic(fmt.Sprintf("encoding the link: %v", err)) // a struct of strings always has a JSON form
	}
	return Variable + "=" + base64.RawURLEncoding.EncodeToString(text)
}

// FromEnvironment takes the link out of the environment of this process, so that processes which it starts have none.
// It returns false when there is none, and then no error. Whether a link may be believed is for the caller to know: in
// development only.
//
// Threat: a token that is handed on to every program that the application runs.
func FromEnvironment() (Link, bool, error) {
	text, found := os.LookupEnv(Variable)
	if !found {
		return Link{}, false, nil
	}
	if err := os.Unsetenv(Variable); err != nil {
		return Link{}, false, fmt.Errorf("removing %s from the environment: %w", Variable, err)
	}
	l, err := parse(text)
	return l, err == nil, err
}

// errLink is the error for a variable that no dev server has written.
var errLink = errors.New("expected what covet serve writes; unset it")

func parse(text string) (Link, error) {
	var l Link
	decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(text))
	if err == nil {
		err = json.Unmarshal(decoded, &l)
	}
	if err != nil || l.check() != nil {
		// The cause is left out on purpose: it quotes what may be a token.
		return Link{}, fmt.Errorf("reading %s: %w", Variable, errLink)
	}
	return l, nil
}
