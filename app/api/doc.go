// Package api serves typed endpoints: functions from an input struct to an output
// struct, checked on the way in, described in OpenAPI 3.1 by the same types, and
// refused with problem details (RFC 9457) that point at each fault.
//
//	err = a.Use(api.New(cfg.API, api.Options{}))
//	…
//	posts := posts.New(a.DB)
//	api.Get(a, "/posts/{id}", posts.Show)
//	api.Post(a, "/posts", posts.Create, api.Status(201), api.Permission("posts.create"))
//
//	type ShowInput struct {
//		api.Actor        // somebody known has to ask
//		ID int64 `path:"id" minimum:"1"`
//	}
//
//	type ShowOutput struct {
//		Body models.Post
//	}
//
//	func (h *Handler) Show(ctx context.Context, in *ShowInput) (*ShowOutput, error)
//
// # Input
//
// A field is a parameter by its tag path, query, header or cookie; the field Body
// is the body, in the media type that the client chooses among JSON, CBOR
// (RFC 8949) and, when it is flat, a form; RawBody []byte is a body of any other
// type; and request dependencies, embedded, come from elsewhere: [Actor],
// [OptionalActor], [Cursor], [Match], [MustMatch], and your own ([Provide]).
//
// Parameters and members are checked by the tags of package validate, and by the
// Validate methods of their structs. All faults are reported at once (422), and no
// fault repeats what was sent. JSON is read strictly: unknown and repeated members,
// members tagged readOnly:"true", null where it means nothing, and text that not
// every database can store are faults.
//
// A parameter that is left out is not checked, and holds its default or its zero
// value; for members of a body see package validate.
//
// # Output
//
// Body is the body; Status, an int, the status if it is not that of the endpoint;
// fields with a header tag are headers. An ETag header is computed where it is
// empty, and conditional requests get 304 (RFC 9110 §13). [Links] pages. A Body of
// type []byte or io.Reader is sent as it is, with the Content-Type of the header.
package api
