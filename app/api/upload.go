package api

import "github.com/covetgo/covet/app/web"

// File is an uploaded file, as in pages ([web.File]): a field of a multipart/form-data body (RFC 7578). It is in a
// temporary file until the handler returns.
//
//	Body struct {
//		Avatar api.File   `json:"avatar" required:"true" maxSize:"2MiB" accept:"image/png,image/jpeg"`
//		Scans  []api.File `json:"scans" maxItems:"5" accept:"application/pdf"`
//	}
//
// maxSize limits one file in bytes, KiB or MiB; [MaxBody] limits the whole body. accept lists media types, whose last
// part may be "*". maxPixels limits the width times height of an image; it defaults to 50 megapixels if accept contains
// images.
type File = web.File
