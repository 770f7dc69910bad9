// Package api serves typed endpoints: functions from an input struct to an output struct. The types validate requests
// and generate the OpenAPI 3.1 document. Invalid requests get problem details (RFC 9457) that point to each fault.
//
//	err = a.Use(api.New(cfg.API, api.Options{}))
//	…
//	posts := posts.New(a.DB)
//	api.Get(a, "/posts/{id}", posts.Show)
//	api.Post(a, "/posts", posts.Create, api.Status(201), api.Permission("posts.create"))
//
//	type ShowInput struct {
//		api.Actor        // requires authentication
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
// A field with the tag path, query, header or cookie is a parameter. The field Body is the body, in a media type that
// the client chooses: JSON, CBOR (RFC 8949) and, if it is flat, a form. RawBody []byte is a body of any other type.
// Embedded request dependencies are provided elsewhere: [Actor], [OptionalActor], [Cursor], [Match], [MustMatch], and
// your own ([Provide]).
//
// Parameters and members are validated by the tags of package validate, and by the Validate methods of their structs.
// All faults are reported at once (422), without the values that were sent. JSON is read strictly: unknown and repeated
// members, members tagged readOnly:"true", null for a value that is not nullable, and text that not every database can
// store are faults.
//
// An omitted parameter is not validated, and has its default or its zero value. For members of a body see package
// validate.
//
// # Output
//
// Body is the body. Status, an int, overrides the endpoint's status. Fields with a header tag are headers. An empty
// ETag header is computed, and conditional requests get 304 (RFC 9110 §13). [Links] adds pagination. A Body of type
// []byte or io.Reader is sent unchanged, with the Content-Type of the header.
package api
