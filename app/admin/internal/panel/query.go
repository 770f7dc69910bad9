package panel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/store"
)

// maxSearch bounds the text of a search, in characters.
const maxSearch = 200

// query reads what a list is asked for from an address. Only columns of the resource that people may see can be named,
// and only as what they are for.
//
// Threats: SQL in the name of a column; guessing a secret column by filtering or ordering by it.
func (s *Server) query(r *meta.Resource, values url.Values) (store.Query, error) {
	q := store.Query{Sort: r.Sort, Limit: s.perPage(r)}
	for name, list := range values {
		for _, value := range list {
			if !request.Storable(value) {
				return q, request.Bad("The address holds something that is not text.")
			}
		}
		if strings.HasPrefix(name, "filter.") && list[0] != "" {
			if err := readFilter(r, &q, strings.TrimPrefix(name, "filter."), list[0]); err != nil {
				return q, err
			}
		}
	}
	slices.SortFunc(q.Filters, func(a, b store.Filter) int { return strings.Compare(a.Field.Column, b.Field.Column) })
	q.Search = strings.TrimSpace(values.Get("q"))
	if utf8.RuneCountInString(q.Search) > maxSearch {
		return q, request.Bad("The search is longer than 200 characters.")
	}
	if len(r.Searchable) == 0 {
		q.Search = ""
	}
	q.Deleted = r.DeletedAt != nil && values.Get("deleted") == "1"
	if err := readSort(r, &q, values.Get("sort")); err != nil {
		return q, err
	}
	return q, s.readPosition(r, &q, values)
}

func (s *Server) perPage(r *meta.Resource) int {
	if r.PerPage > 0 {
		return r.PerPage
	}
	return s.PerPage
}

func readSort(r *meta.Resource, q *store.Query, text string) error {
	if text == "" {
		return nil
	}
	name, desc := strings.CutPrefix(text, "-")
	f := r.Column(name)
	if f == nil && name == r.Key.Column {
		f = r.Key // a large table is ordered by its key, shown or not
	}
	if f == nil || !f.Stored() || !f.Sortable() {
		return request.Bad("The list cannot be ordered by that.")
	}
	q.Sort = meta.Sort{Field: f, Desc: desc}
	return nil
}

// readFilter reads one parameter: a column, or a column with the bound of a time or date.
func readFilter(r *meta.Resource, q *store.Query, name, value string) error {
	name, bound, bounded := strings.Cut(name, ".")
	f := r.Column(name)
	if f == nil || !filterable(r, f) || (bounded && !f.Dated()) {
		return request.Bad("The list has no such filter.")
	}
	i := slices.IndexFunc(q.Filters, func(other store.Filter) bool { return other.Field == f })
	if i < 0 {
		q.Filters = append(q.Filters, store.Filter{Field: f})
		i = len(q.Filters) - 1
	}
	return readValue(&q.Filters[i], bound, value)
}

// filterable reports whether a list can be filtered by a field: those of the option, and foreign keys, which links from
// other pages use.
func filterable(r *meta.Resource, f *meta.Field) bool {
	return slices.Contains(r.Filterable, f) || f.Kind == meta.Belongs
}

func readValue(filter *store.Filter, bound, value string) error {
	switch {
	case bound == "from" || bound == "to":
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return request.Bad("Write the day of a filter as year-month-day.")
		}
		if bound == "from" {
			filter.From = day
		} else {
			filter.Until = day.AddDate(0, 0, 1)
		}
		return nil
	case bound != "":
		return request.Bad("The list has no such filter.")
	case filter.Field.Optional && (value == "null" || value == "set"):
		null := value == "null"
		filter.Null = &null
		return nil
	}
	switch filter.Field.Kind {
	case meta.Bool, meta.Enum, meta.Belongs:
		parsed, err := filter.Field.Parse(value)
		if err != nil || parsed == nil {
			return request.Bad("The filter has no such value.")
		}
		filter.Equal = parsed
		return nil
	}
	return request.Bad("The filter has no such value.")
}

func (s *Server) readPosition(r *meta.Resource, q *store.Query, values url.Values) error {
	for name, target := range map[string]**store.Position{"after": &q.After, "before": &q.Before} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		position, ok := s.position(r, q.Sort.Field, text)
		if !ok || q.After != nil || q.Before != nil {
			return request.Bad("This part of the list is not there any more. Start at its beginning.")
		}
		*target = position
	}
	return nil
}

// sign keeps the values of a position ones that the database gave, for this order of this list.
func (s *Server) sign(r *meta.Resource, f *meta.Field, payload string) string {
	mac := hmac.New(sha256.New, s.Key)
	mac.Write([]byte(r.Table + "\x00" + f.Column + "\x00" + payload))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:15])
}

// write returns a position for an address.
func (s *Server) write(r *meta.Resource, f *meta.Field, p *store.Position) string {
	encoded, err := json.Marshal([]typed{encode(p.Value), encode(p.Key)})
	if err != nil {
		return ""
	}
	payload := base64.RawURLEncoding.EncodeToString(encoded)
	return payload + "." + s.sign(r, f, payload)
}

// position reads what write wrote.
func (s *Server) position(r *meta.Resource, f *meta.Field, text string) (*store.Position, bool) {
	payload, signature, _ := strings.Cut(text, ".")
	if !hmac.Equal([]byte(signature), []byte(s.sign(r, f, payload))) {
		return nil, false
	}
	encoded, err := base64.RawURLEncoding.DecodeString(payload)
	var pair [2]typed
	if err != nil || json.Unmarshal(encoded, &pair) != nil {
		return nil, false
	}
	return &store.Position{Value: pair[0].decode(), Key: pair[1].decode()}, true
}

// typed is a value of a column with its type, which JSON alone would lose.
type typed struct {
	Type string `json:"t"`
	Text string `json:"v,omitempty"`
}

func encode(value any) typed {
	switch v := value.(type) {
	case int64:
		return typed{"i", strconv.FormatInt(v, 10)}
	case uint64:
		return typed{"u", strconv.FormatUint(v, 10)}
	case float64:
		return typed{"f", strconv.FormatFloat(v, 'g', -1, 64)}
	case bool:
		return typed{"b", strconv.FormatBool(v)}
	case time.Time:
		return typed{"t", v.Format(time.RFC3339Nano)}
	case []byte:
		return typed{"x", base64.RawStdEncoding.EncodeToString(v)}
	case string:
		return typed{"s", v}
	}
	return typed{Type: "n"}
}

// decode ignores errors: only what encode wrote is read.
func (t typed) decode() any {
	switch t.Type {
	case "i":
		v, _ := strconv.ParseInt(t.Text, 10, 64)
		return v
	case "u":
		v, _ := strconv.ParseUint(t.Text, 10, 64)
		return v
	case "f":
		v, _ := strconv.ParseFloat(t.Text, 64)
		return v
	case "b":
		return t.Text == "true"
	case "t":
		v, _ := time.Parse(time.RFC3339Nano, t.Text)
		return v.UTC()
	case "x":
		v, _ := base64.RawStdEncoding.DecodeString(t.Text)
		return v
	case "s":
		return t.Text
	}
	return nil
}
