package schema_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/covetgo/covet/app/api/internal/schema"
)

type (
	Post      struct{ Title string }
	PostInput struct{ Title string }
	Input     struct{ Title string }
)

// A type that is called an input is not called that twice, and no two types have the same name.
func TestNames(t *testing.T) {
	t.Parallel()
	set := schema.NewSet(reflect.TypeFor[struct{}](), func(reflect.Type, int) bool { return false })
	set.Input(reflect.TypeFor[PostInput]())
	set.Input(reflect.TypeFor[Post]())
	set.Input(reflect.TypeFor[Input]())
	set.Output(reflect.TypeFor[Post]())

	var names []string
	for name := range set.Registry().Map() {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"InputInput", "Post", "PostInput", "Schema_testPostInput"}; !slices.Equal(names, want) {
		t.Errorf("the schemas are %v, want %v", names, want)
	}
}
