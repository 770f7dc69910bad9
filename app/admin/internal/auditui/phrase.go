package auditui

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/text"
)

// verbs are what is done to records of any resource.
var verbs = []string{meta.Create, meta.Update, meta.Delete, meta.Destroy, meta.Restore}

// isKnown reports whether a module of Covet records the action.
func isKnown(action string) bool {
	_, known := words.Texts().Args("audit.known." + words.KeyOf(action))
	return known
}

// phrase says what an action did: as a sentence, in which [views.Who] and [views.Subject] stand for the user and the
// record, and in a word or two. Where all events are about one record, the sentence does not name it.
func phrase(ctx context.Context, action string, r *meta.Resource, several, named bool) (sentence, short string) {
	if isKnown(action) {
		key := words.KeyOf(action)
		short = words.T(ctx, "audit.action."+key)
		sentence = words.T(ctx, "audit.known."+key, "who", views.Who, "subject", views.Subject)
		if named || !strings.Contains(sentence, views.Subject) {
			return sentence, short
		}
		return words.T(ctx, "audit.event.done", "who", views.Who, "action", short), short
	}
	prefix, verb, _ := strings.Cut(action, ".")
	switch {
	case verb == meta.Export:
		records := words.Lower(ctx, format.Label(prefix))
		if r != nil {
			records = r.RecordsIn(ctx, 0)
		}
		return words.T(ctx, "audit.event.export", "who", views.Who, "records", records),
			words.T(ctx, "audit.action.export", "records", records)
	case r == nil && named:
		return words.T(ctx, "audit.event.done_subject", "who", views.Who, "action", action, "subject", views.Subject), action
	case r == nil:
		return words.T(ctx, "audit.event.done", "who", views.Who, "action", action), action
	}
	event, short := "done", action
	if prefix == r.Permission || prefix == r.Table { // not by another module
		short = format.Label(verb)
		if custom, ok := r.Custom(verb); ok {
			short = custom.LabelIn(ctx, r)
		}
		if slices.Contains(verbs, verb) {
			event, short = verb, words.T(ctx, "audit.action."+verb)
		}
	}
	switch {
	case !several || !named:
		event += "_here"
	case event == "done":
		event = "done_record"
	}
	return words.T(ctx, "audit.event."+event,
		"who", views.Who, "record", r.RecordIn(ctx), "subject", views.Subject, "action", short), short
}

// detailOf reads the detail of an entry; nil for what is no object.
func detailOf(encoded string) map[string]any {
	var detail map[string]any
	if json.Unmarshal([]byte(encoded), &detail) != nil {
		return nil
	}
	return detail
}

// details writes the facts of an entry besides its changes and the name of its subject.
func details(ctx context.Context, detail map[string]any) []views.Detail {
	var list []views.Detail
	for _, key := range slices.Sorted(maps.Keys(detail)) {
		value := detail[key]
		if key == "changes" || key == "title" || value == nil || value == "" {
			continue
		}
		name := words.T(ctx, "audit.detail."+words.KeyOf(key))
		if name == "" {
			name = format.Label(key)
		}
		list = append(list, views.Detail{Name: name, Value: format.Cut(fact(ctx, key, value))})
	}
	return list
}

// fact writes the value of a detail.
func fact(ctx context.Context, key string, value any) string {
	switch v := value.(type) {
	case bool:
		return words.YesNo(ctx, v)
	case string:
		if key == "query" {
			return listText(ctx, v)
		}
		return v
	case float64:
		return text.Number(ctx, v)
	case []any:
		texts := make([]string, len(v))
		for i, one := range v {
			texts[i] = fact(ctx, "", one)
		}
		return strings.Join(texts, ", ")
	case map[string]any:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, words.T(ctx, "value", "name", format.Label(name), "value", fact(ctx, name, v[name])))
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprint(value)
}

// listText writes the parameters of a list: "Search: wool, Status: draft".
func listText(ctx context.Context, query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		label := format.Label(strings.TrimPrefix(name, "filter."))
		if name == "q" {
			label = words.T(ctx, "search")
		}
		if value := values.Get(name); value != "" {
			texts = append(texts, words.T(ctx, "value", "name", label, "value", value))
		}
	}
	return strings.Join(texts, ", ")
}
