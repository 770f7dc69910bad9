package inflect

import (
	"go/token"
	"slices"
	"strings"
)

// Name is a thing under every name that generated code has for it.
type Name struct {
	// Ref is how the thing is written where another refers to it, and what [Parse] reads as this name: blog_post,
	// shop/product.
	Ref string
	// Type is the Go type: BlogPost; for a name in a namespace, ShopProduct.
	Type string
	// Snake is the name in files: blog_post, shop_product.
	Snake string
	// Table is the table, as GORM derives it from Type: blog_posts, shop_products.
	Table string
	// Title is the name for people, Titles that for several: "Blog post", "Blog posts". The namespace is left out.
	Title, Titles string
	// Path is the address of the pages: /blog-posts, /shop/products.
	Path string
	// Folder is the folder of the Go package, below the application: app/blogposts, app/shop/products.
	Folder string
	// Package is the name of the Go package: blogposts, products.
	Package string
	// Alias is the name under which the package has to be imported where applications are composed, or empty: shopproducts
	// for a name in a namespace, appjobs where jobs means another package.
	Alias string
	// Var and Vars are variables for one and for several: blogPost, blogPosts. They are different, never a word of Go, and
	// never an identifier that the templates use.
	Var, Vars string
}

// Import is what the package is called where it is imported: Alias, or else Package.
func (n Name) Import() string {
	if n.Alias != "" {
		return n.Alias
	}
	return n.Package
}

// identifiers are those that the templates use: packages, functions, parameters and locals. A test in scaffold/generate
// reports those that are missing.
var identifiers = strings.Fields(`
	a action actor actors added address admin api app apptest auth authtest before bySlug bytes c change changed changes checkReadable
	choices clause client cmp cobra config conflict content context count createRate covet covetjobs covetmigrations
	covetmodels created ctx cursor database db decimal deleteButton e echo endpoints err errors errs exit factory field file
	files first fmt form formAction formInputs
	formPage formTitle found gorm got h handlers http i id identity ids in inList input inputs io json key labels limit links list
	listed listPage listPath mail markdown maxJSON message middleware models more n name names newOutput offered ok optionalID
	options order other out own owner ownerID p page pages paging parent path pathID perPage policies policy problem q query r
	record records redirect refusal refuse refused related request roles runtime s saved search second selected seven show showPage
	showPath signedIn signIn slices slog slug stale status storage store stored stranger strconv strings t target team templ
	templruntime test testing text throttle time ui updated uploads url userID userLabel uuid v validate value values version
	views want web`)

// composition are the identifiers of the package that composes an application, and of what it imports.
var composition = strings.Fields(`
	accounts admins apis auths caches commands configs context covet echo embed errors factories fmt http identities io
	jobs links maps migrations models os options panel policies routes seeds slices slog storages strings templates tests
	times uis urls users values web`)

func newName(namespace, singular string, taken []string) Name {
	prefix, ref := "", singular
	if namespace != "" {
		prefix, ref = namespace+"_", namespace+"/"+singular
	}
	snake, typeName := canonical(prefix + singular)
	plural := Plural(snake)
	short, shorts := strings.TrimPrefix(snake, prefix), strings.TrimPrefix(plural, prefix)
	n := Name{
		Ref: ref, Type: typeName, Snake: snake, Table: plural, Title: Label(short), Titles: Label(shorts),
		Path: "/" + dashed(shorts), Folder: "app/" + joined(shorts), Package: joined(shorts),
	}
	switch {
	case namespace != "":
		n.Path = "/" + dashed(namespace) + n.Path
		n.Folder = "app/" + joined(namespace) + "/" + n.Package
		n.Alias = joined(plural)
	case slices.Contains(composition, n.Package):
		n.Alias = "app" + n.Package
	}
	n.Var, n.Vars = localName(short), localName(shorts)
	if n.Var == n.Vars {
		n.Vars += "List"
	}
	// The plural of news is its package, which tests speak of beside the variable.
	n.Var, n.Vars = freeVariable(n.Var, append(slices.Clone(taken), n.Package)), freeVariable(n.Vars, taken)
	return n
}

// canonical returns the name in snake case that GORM derives from the type of name, and that type. They can differ from
// name: x_y is the type XY, from which GORM derives xy, so that the type becomes Xy.
func canonical(name string) (snake, typeName string) {
	snake = name
	for range 4 {
		typeName = GoName(snake)
		derived := Column(typeName)
		if derived == snake {
			break
		}
		snake = derived
	}
	return snake, typeName
}

func dashed(snake string) string { return strings.ReplaceAll(snake, "_", "-") }
func joined(snake string) string { return strings.ReplaceAll(snake, "_", "") }

// freeVariable returns the variable, with Record appended if the name is taken.
func freeVariable(variable string, taken []string) string {
	for token.IsKeyword(variable) || predeclared[variable] || slices.Contains(identifiers, variable) ||
		slices.Contains(taken, variable) {
		variable += "Record"
	}
	return variable
}

var predeclared = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(`
		any append bool byte cap clear close comparable complex complex128 complex64 copy delete error false float32 float64
		imag int int16 int32 int64 int8 iota len make max min new nil panic print println real recover rune string true
		uint uint16 uint32 uint64 uint8 uintptr`) {
		words[word] = true
	}
	return words
}()
