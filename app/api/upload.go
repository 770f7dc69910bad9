package api

import "github.com/covetgo/covet/app/web"

// File is an uploaded file, as in pages ([web.File]): a field of a body that arrives
// as multipart/form-data (RFC 7578). It is in a temporary file until the handler
// returns.
//
//	Body struct {
//		Avatar api.File   `json:"avatar" required:"true" maxSize:"2MiB" accept:"image/png,image/jpeg"`
//		Scans  []api.File `json:"scans" maxItems:"5" accept:"application/pdf"`
//	}
//
// maxSize bounds one file in bytes, KiB or MiB; the whole body is bounded by
// [MaxBody]. accept lists media types, of which the last part may be "*". maxPixels
// bounds the width times height of an image; 50 megapixels where accept has images.
type File = web.File
