package proxy_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	const self = "http://localhost:8000"
	const script, events = self + "/dev/loop/script.js", self + "/dev/loop/events"
	for name, test := range map[string]struct {
		enforced, reported         []string
		nonce                      string
		wantEnforced, wantReported []string // nil: as they are
	}{
		"none":                  {},
		"nothing about scripts": {enforced: []string{"frame-ancestors 'none'"}},
		"ours, strict": {
			enforced: []string{"default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'"},
			nonce:    "abc",
		},
		"self":                 {enforced: []string{"default-src 'self'"}},
		"anything":             {enforced: []string{"script-src *; connect-src http:"}},
		"this address":         {enforced: []string{"default-src " + self}},
		"nonce of default-src": {enforced: []string{"default-src 'nonce-abc'; connect-src 'self'"}, nonce: "abc"},
		"another address": {
			enforced:     []string{"script-src https://cdn.example"},
			wantEnforced: []string{"script-src https://cdn.example " + script},
		},
		"nothing at all": {
			enforced:     []string{"default-src 'none'"},
			wantEnforced: []string{"default-src 'none'; script-src-elem " + script + "; connect-src " + events},
		},
		"no scripts": {
			enforced:     []string{"default-src 'self'; script-src 'none'"},
			wantEnforced: []string{"default-src 'self'; script-src " + script},
		},
		"inline stays allowed": {
			enforced:     []string{"script-src 'unsafe-inline'"},
			wantEnforced: []string{"script-src 'unsafe-inline' " + script},
		},
		"elements of their own": {enforced: []string{"script-src 'none'; script-src-elem 'self'"}},
		"channel elsewhere": {
			enforced:     []string{"script-src 'self'; connect-src wss://live.example"},
			wantEnforced: []string{"script-src 'self'; connect-src wss://live.example " + events},
		},
		"two in two headers": {
			enforced: []string{"script-src 'nonce-abc'", "default-src https://cdn.example"},
			nonce:    "abc", wantEnforced: []string{
				"script-src 'nonce-abc'",
				"default-src https://cdn.example; script-src-elem https://cdn.example " + script +
					"; connect-src https://cdn.example " + events,
			},
		},
		"two in one header": {
			enforced:     []string{"script-src 'self', script-src 'none'"},
			wantEnforced: []string{"script-src 'self'", "script-src " + script},
		},
		"two nonces": {
			enforced: []string{
				"script-src 'nonce-abc'",
				"script-src 'nonce-def' 'strict-dynamic'",
			}, nonce: "abc",
			wantEnforced: []string{"script-src 'nonce-abc'", "script-src 'nonce-def' 'strict-dynamic' 'nonce-abc'"},
		},
		"the first of two counts": {enforced: []string{"script-src 'self'; script-src 'none'"}},
		"reported only": {
			reported:     []string{"script-src 'none'"},
			wantReported: []string{"script-src " + script},
		},
		"a nonce that reports": {reported: []string{"script-src 'nonce-abc'"}, nonce: "abc"},
		"enforced before reported": {
			enforced: []string{"script-src 'nonce-abc'"},
			reported: []string{"script-src 'nonce-def'"}, nonce: "abc",
			wantReported: []string{"script-src 'nonce-def' " + script},
		},
		"sandbox with all it needs":  {enforced: []string{"sandbox allow-scripts allow-same-origin"}},
		"upper case":                 {enforced: []string{"SCRIPT-SRC 'SELF'"}},
		"dynamic default, a channel": {enforced: []string{"default-src 'self' 'nonce-abc' 'strict-dynamic'"}, nonce: "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			d.Serve(address(application(t, func(w http.ResponseWriter, _ *http.Request) {
				h := w.Header()
				h.Set("Content-Type", "text/html")
				h["Content-Security-Policy"], h["Content-Security-Policy-Report-Only"] = test.enforced, test.reported
				_, _ = w.Write([]byte(document)) // the client may be gone
			})))
			res, body := d.get(t, "/", append([]string{"Host", "localhost:8000"}, navigation...)...)
			tag := scriptTag.FindStringSubmatch(body)
			if tag == nil || tag[2] != test.nonce {
				t.Errorf("tag = %q", tag)
			}
			for header, want := range map[string][2][]string{
				"Content-Security-Policy":             {test.enforced, test.wantEnforced},
				"Content-Security-Policy-Report-Only": {test.reported, test.wantReported},
			} {
				if want[1] == nil {
					want[1] = want[0]
				}
				if diff := cmp.Diff(want[1], res.Header[header]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", header, diff)
				}
			}
		})
	}
}

// Where addresses mean nothing and there is no nonce, the script gets one of its own.
func TestStrictPolicyWithoutANonce(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html", "Content-Security-Policy",
		"script-src 'sha256-abc' 'strict-dynamic'"))
	res, body := d.get(t, "/", navigation...)
	tag := scriptTag.FindStringSubmatch(body)
	if tag == nil || len(tag[2]) < 22 ||
		res.Header.Get("Content-Security-Policy") != "script-src 'sha256-abc' 'strict-dynamic' 'nonce-"+tag[2]+"'" {
		t.Errorf("tag = %q, policy = %q", tag, res.Header.Get("Content-Security-Policy"))
	}
}

// Numbers of IP version 6 cannot be written into a policy.
func TestPolicyForAnAddressOfVersion6(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html", "Content-Security-Policy",
		"script-src 'none'; connect-src *"))
	res, _ := d.get(t, "/", append([]string{"Host", "[::1]:8000"}, navigation...)...)
	if got := res.Header["Content-Security-Policy"]; !slices.Equal(got, []string{"script-src 'self'; connect-src *"}) ||
		strings.Contains(got[0], "::") {
		t.Errorf("policy = %q", got)
	}
}
