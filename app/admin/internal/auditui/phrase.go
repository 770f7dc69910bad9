package auditui

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/internal/format"
)

// verbs are what is done to records of any resource.
var verbs = map[string]string{
	meta.Create: "created", meta.Update: "changed", meta.Delete: "deleted", meta.Destroy: "deleted for good",
	meta.Restore: "restored",
}

// phrases are what the actions of Covet's modules did, before the name of the subject. Those that end with a period
// stand alone.
var phrases = map[string]string{
	"auth.login": "signed in.", "auth.logout": "signed out.", "auth.signup": "signed up.",
	"auth.signup_requested": "asked to sign up.", "auth.login_failed": "failed to sign in as",
	"auth.session_end": "ended sessions of", "auth.credentials_end": "ended the sessions and tokens of",
	"auth.password_wrong":  "entered a wrong password for",
	"auth.password_change": "changed the password of", "auth.password_reset": "set a new password for",
	"auth.password_forgotten": "asked for a password link.", "auth.email_verify": "confirmed the address of",
	"auth.email_change": "changed the address of", "auth.email_change_requested": "asked to change the address of",
	"users.reset_link": "created a password link for", "users.promote": "gave all permissions to",
	"users.demote": "took all permissions from", "users.disable": "disabled the user", "users.enable": "enabled the user",
	"users.send-password-link": "sent a password link to",
	"token.create":             "created the access token", "token.revoke": "revoked the access token",
	"access_tokens.revoke": "revoked the access token",
	"jobs.retry":           "retried", "jobs.cancel": "cancelled", "jobs.delete": "deleted", "jobs.pause": "paused",
	"jobs.resume": "resumed", "jobs.run": "ran",
}

// phrase says what an action did, to be followed by the name of the subject. Where all events are about one record, that
// is "this post".
func phrase(action string, r *meta.Resource, several, named bool) string {
	if text, ok := phrases[action]; ok {
		return text
	}
	prefix, verb, _ := strings.Cut(action, ".")
	switch {
	case verb == meta.Export && r != nil:
		return "exported " + format.Lower(r.Plural)
	case verb == meta.Export:
		return "exported " + format.Lower(format.Label(prefix))
	case r == nil && named:
		return "did “" + action + "” to"
	case r == nil:
		return "did “" + action + "”"
	}
	what := "this " + format.Lower(r.Label)
	if several {
		what = "the " + format.Lower(r.Label)
	}
	if prefix != r.Permission && prefix != r.Table { // by another module
		return "did “" + action + "” to " + what
	}
	if done, ok := verbs[verb]; ok {
		return done + " " + what
	}
	label := format.Label(verb)
	if custom, ok := r.Custom(verb); ok {
		label = custom.Label
	}
	return "did “" + label + "” to " + what
}

// detailOf reads the detail of an entry; nil for what is no object.
func detailOf(text string) map[string]any {
	var detail map[string]any
	if json.Unmarshal([]byte(text), &detail) != nil {
		return nil
	}
	return detail
}

// detailNames are the names of facts that say more than their keys.
var detailNames = map[string]string{
	"remember": "Stay signed in", "query": "List", "email": "Address", "others": "Other sessions", "reason": "Reason",
}

// details writes the facts of an entry besides its changes and the name of its subject.
func details(detail map[string]any) []views.Detail {
	var list []views.Detail
	for _, key := range slices.Sorted(maps.Keys(detail)) {
		value := detail[key]
		if key == "changes" || key == "title" || value == nil || value == "" {
			continue
		}
		name, ok := detailNames[key]
		if !ok {
			name = format.Label(key)
		}
		list = append(list, views.Detail{Name: name, Value: format.Cut(fact(key, value))})
	}
	return list
}

// fact writes the value of a detail.
func fact(key string, value any) string {
	switch v := value.(type) {
	case bool:
		return format.Bool(v)
	case string:
		if key == "query" {
			return listText(v)
		}
		return v
	case float64:
		if v == float64(int(v)) {
			return format.Number(int(v))
		}
	case []any:
		texts := make([]string, len(v))
		for i, one := range v {
			texts[i] = fact("", one)
		}
		return strings.Join(texts, ", ")
	case map[string]any:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, format.Label(name)+": "+fact(name, v[name]))
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprint(value)
}

// listText writes the parameters of a list: "Search: wool, Status: draft".
func listText(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		label := format.Label(strings.TrimPrefix(name, "filter."))
		if name == "q" {
			label = "Search"
		}
		if text := values.Get(name); text != "" {
			texts = append(texts, label+": "+text)
		}
	}
	return strings.Join(texts, ", ")
}
