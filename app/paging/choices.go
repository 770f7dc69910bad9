package paging

import (
	"context"
	"fmt"
	"reflect"

	"gorm.io/gorm"
)

// MaxChoices is the number of records that [Choices] returns besides the selected ones.
const MaxChoices = 500

// Choices reads the options of a form field into rows, a pointer to a slice of models: the first [MaxChoices] records
// of the list that the user may read, and the records with the selected keys, even if the user may not read them. It
// reports whether there may be more.
func Choices[K comparable](query *gorm.DB, rows any, selected []K, list List) (more bool, err error) {
	ctx, cancel := context.WithTimeout(query.Statement.Context, timeout)
	defer cancel()
	more, err = choices(query.WithContext(ctx), reflect.ValueOf(rows), selected, list)
	if err != nil {
		return false, fmt.Errorf("reading choices: %w", err)
	}
	return more, nil
}

func choices[K comparable](query *gorm.DB, target reflect.Value, selected []K, list List) (bool, error) {
	if target.Kind() != reflect.Pointer || target.Elem().Kind() != reflect.Slice {
		return false, fmt.Errorf("%s is not a pointer to a slice", target.Type())
	}
	query = query.Session(&gorm.Session{})
	r, err := newReader(query, target.Elem().Type(), list)
	if err != nil {
		return false, err
	}
	found, err := r.read(place{}, MaxChoices)
	if err != nil {
		return false, err
	}
	offered := map[any]bool{}
	for i := range found.rows.Len() {
		offered[r.order.position(query.Statement.Context, found.rows.Index(i)).key] = true
	}
	var missing []K
	for _, key := range selected {
		if !offered[key] {
			missing = append(missing, key)
		}
	}
	target.Elem().Set(found.rows)
	if len(missing) > 0 {
		others := reflect.New(target.Elem().Type())
		if err := query.Where("? IN ?", r.order.name(r.order.key), missing).Find(others.Interface()).Error; err != nil {
			return false, err
		}
		target.Elem().Set(reflect.AppendSlice(found.rows, others.Elem()))
	}
	return found.more || found.stopped != nil, nil
}
