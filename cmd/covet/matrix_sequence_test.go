//go:build matrix

package main_test

import "strings"

// sequences are applications of ten resources, as people make them: one after the other, related to those before.
func sequences() map[string][][]string {
	lines := map[string][][]string{}
	for name, text := range sequenceTexts {
		for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
			lines[name] = append(lines[name], words("resource "+line))
		}
	}
	return lines
}

var sequenceTexts = map[string]string{
	"shop": `
category name:string!:unique description:text? parent:belongs_to:category?
product name:string! sku:string:unique price:decimal(10,2)! stock:int category:belongs_to:category released:date? meta:json code:uuid:unique cover:file --public
customer user:belongs_to:user:unique phone:string? birthday:date
address customer:belongs_to:customer street:string! city:string! zip:string
order customer:belongs_to:customer number:bigint:unique status:enum(new,paid,shipped) placed_at:time note:text?
order_item order:belongs_to:order product:belongs_to:product quantity:int!:default=1 --parent orders
coupon code:string!:unique percent:int! until:date? products:many:product --public
supplier name:string! email:string products:many:product rating:decimal(3,3)? --skip api
review product:belongs_to:product author:belongs_to:user rating:int! body:text! approved:bool? --parent products --public
shop/warehouse name:string! group:string order:int key:string:index opened:time? ref:uuid? data:json? manager:belongs_to:user?`,
	"clinic": `
specialty name:string!:unique code:string:unique
doctor user:belongs_to:user:unique title:string? specialties:many:specialty room:int? photo:file
patient name:string! born:date! insurance_number:string:unique weight:float? height:decimal(4,2)? doctor:belongs_to:doctor? referred_by:belongs_to:patient?
insurer name:string!:unique patients:many:patient --skip html
appointment patient:belongs_to:patient doctor:belongs_to:doctor starts_at:time:index minutes:int:default=15 status:enum(asked,confirmed,done,missed)
diagnosis patient:belongs_to:patient code:string! text:text certain:bool:default=false --parent patients
prescription diagnosis:belongs_to:diagnosis drug:string! daily:decimal(6,2)! until:date --skip admin
lab/sample patient:belongs_to:patient taken_at:time barcode:uuid:unique results:json kind:enum(blood,tissue)
lab/analysis sample:belongs_to:lab/sample value:float! unit:string report:file --parent lab/samples
invoice patient:belongs_to:patient number:bigint:unique total:decimal(10,2)! paid_on:date? diagnoses:many:diagnosis`,
	"blog": `
tag name:string!:unique slug:string!:unique
series title:string! summary:text? --public
post title:string! slug:string!:unique body:text! author:belongs_to:user series:belongs_to:series? tags:many:tag published_at:time? status:enum(draft,live):default=draft cover:file --public
comment post:belongs_to:post author:belongs_to:user body:text! above:belongs_to:comment? --parent posts --public
reaction comment:belongs_to:comment user:belongs_to:user kind:enum(like,laugh,frown) --skip html
page title:string! path:string!:unique body:text in_menu:bool:default=true order:int --public
media/picture title:string? file:file width:int? height:int? taken_on:date?
media/album name:string! pictures:many:media/picture cover:belongs_to:media/picture?
newsletter subject:string! body:text send_at:time? issue:int:unique --skip api
subscription email:string!:unique newsletter:belongs_to:newsletter token:uuid:unique confirmed:bool --skip html,admin`,
}
