package devlink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Ready says that the application can be asked.
type Ready struct {
	// Address is where it listens, such as 127.0.0.1:41233.
	Address string `json:"address"`
}

// Pending says that the application does not start before migrations have been applied.
type Pending struct {
	// Migrations are those that wait, in the order in which they would be applied.
	Migrations []Migration `json:"migrations"`
	// Database says which database lacks them, without credentials.
	Database string `json:"database,omitempty"`
}

// Migration is one that has not been applied.
type Migration struct {
	Source  string `json:"line"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

// Message is what an application tells the dev server. One of the pointers is set.
type Message struct {
	// Run is Link.Run of the sender.
	Run     string   `json:"run,omitempty"`
	Ready   *Ready   `json:"ready,omitempty"`
	Pending *Pending `json:"pending,omitempty"`
}

const (
	messagePath = "/messages"
	alivePath   = "/alive"
	// maxMessage bounds what the dev server reads: some 5,000 migrations.
	maxMessage = 1 << 20
	// sendTimeout bounds sending one message, to a server on the same machine.
	sendTimeout = 5 * time.Second
)

// SendReady tells the dev server where the application listens.
func (l Link) SendReady(ctx context.Context, ready Ready) error {
	return l.send(ctx, Message{Run: l.Run, Ready: &ready})
}

// SendPending tells the dev server which migrations wait.
func (l Link) SendPending(ctx context.Context, pending Pending) error {
	return l.send(ctx, Message{Run: l.Run, Pending: &pending})
}

func (l Link) send(ctx context.Context, message Message) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encoding a message for covet serve: %w", err)
	}
	return l.ask(ctx, http.MethodPost, messagePath, body)
}

// ask sends a request to the control server, which answers 204 and nothing else.
func (l Link) ask(ctx context.Context, method, path string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, l.Control+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("telling covet serve: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+l.Token)
	request.Header.Set("Content-Type", "application/json")
	// A transport of its own: neither a proxy from the environment nor a redirection may see the token, and no connection
	// stays behind.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("telling covet serve: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // nothing is read from it any more
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4096))
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("telling covet serve: it answers %s", response.Status)
	}
	return nil
}
