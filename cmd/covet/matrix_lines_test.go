//go:build matrix

package main_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/generate"
)

// What is generated into the variants of TestMatrix: together every type, every modifier and every flag.
var (
	entries   = words("resource entry title:string! body:text pages:int status:enum(draft,live) open:bool:default=true --public")
	everyType = words("resource sample name:string!:unique body:text! small:int:index big:bigint:unique ratio:float! price:decimal(10,2) active:bool:index " +
		"day:date at:time:index code:uuid:unique meta:json size:enum(s,m,l) cover:file entry:belongs_to:entry entries:many:entry")
	nullable = words("resource option_value title:string? body:text? small:int?:unique big:bigint? ratio:float?:index price:decimal(4,4)? active:bool? " +
		"day:date?:unique at:time? code:uuid?:index meta:json? size:enum(s,m,l)? entry:belongs_to:entry? above:belongs_to:option_value?")
	defaults = words("resource setting key:string:default=it's body:text:default=a:b small:int:default=-3 big:bigint:default=9007199254740993 " +
		"ratio:float:default=1.5 price:decimal(10,2):default=9.99 active:bool:default=true day:date:default=2026-01-31 " +
		"at:time:default=2026-01-31T12:00:00Z code:uuid:default=0190a3b4-0000-7000-8000-000000000001 size:enum(s,m,l):index:default=m")
	formats = words("resource article handle:slug title:string! contact:email? mail_to:email:unique site:url? homepage:url tint:color shade:color? " +
		"tone:color:default=#1f6f5c price:money(EUR) fee:money(JPY)? body:markdown note:markdown? manual:file(pdf,zip) cover:image(png,jpeg) " +
		"sku:string:unique --public")
	comments       = words("resource comment body:text! entry:belongs_to:entry author:belongs_to:user --parent entries --public")
	owned          = words("resource type select:string! range:int owner:belongs_to:user? cover:file edit:file")
	readByAll      = words("resource review rating:int! body:text author:belongs_to:user! entry:belongs_to:entry!:unique --public")
	shared         = words("resource line amount:decimal(10,2)! entry:belongs_to:entry --parent entries")
	namespaced     = words("resource shop/order group:string:index order:int where:time? lines:many:entry")
	pagesOnly      = words("resource note body:text! day:date? --skip api --skip admin")
	apiOnly        = words("resource metric value:float at:time:unique --skip html")
	unadministered = words("resource news headline:string! day:date --skip admin,html")
	untested       = words("resource person name:string! born:date? --skip tests")
)

func words(line string) []string { return strings.Fields(line) }

// kindLines are command lines of every kind, without those for which an application needs accounts, an admin or an API
// unless it is full. A kind that is not among them fails the test.
func kindLines(t *testing.T, full bool) [][]string {
	t.Helper()
	lines := [][]string{
		words("model label name:string!:unique colour:string?"),
		words("migration add_weight_to_labels weight:int"),
		words("page about-us"),
		words("page legal/imprint"),
		words("job send_report user_id:bigint month:date total:decimal(10,2)"),
		words("mail welcome name:string visits:int"),
		words("module billing"),
		words("command send-digest days:int since:date"),
	}
	only := [][]string{
		words("api metric value:float! at:time"),
		words("admin label"),
		words("policy label --public"),
		words("seed user"),
	}
	for _, kind := range generate.Kinds() {
		if !slices.ContainsFunc(slices.Concat(lines, only, [][]string{entries}), func(line []string) bool { return line[0] == kind.Name }) {
			t.Errorf("covet generate %s is not a part of this test: give it a command line", kind.Name)
		}
	}
	if full {
		return append(lines, only...)
	}
	return lines
}
