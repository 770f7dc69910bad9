package web

import "github.com/covetgo/covet/app/internal/upload"

// File is an uploaded file, a field of a form that arrives as multipart/form-data
// (RFC 7578):
//
//	type Form struct {
//		Avatar *web.File   `form:"avatar" maxSize:"2MiB" accept:"image/png,image/jpeg"`
//		Scans  []*web.File `form:"scans" maxItems:"5" accept:"application/pdf"`
//	}
//
// A pointer is nil when nobody chose a file; required:"true" asks for one. maxSize
// bounds one file, in bytes, KiB, MiB or GiB, and http.max_body the whole form.
// accept lists media types, of which the last part may be "*". maxPixels:"50000000"
// bounds the width times height of an image, read from its header without decoding it;
// that is also the default of a field that accepts images.
//
// Name is what the client calls the file, without folders, and not to be used as
// the name of a file on the server. ContentType is what the first bytes look like
// (https://mimesniff.spec.whatwg.org), whatever the client says of them. Size is the
// length in bytes. Open opens the file for reading, and the caller closes it.
//
// The file is a temporary one, which is removed when the request ends: what is to be
// kept is copied while it lasts.
type File = upload.File
