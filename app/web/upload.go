package web

import "github.com/covetgo/covet/app/internal/upload"

// File is an uploaded file, a field of a multipart/form-data form (RFC 7578):
//
//	type Form struct {
//		Avatar *web.File   `form:"avatar" maxSize:"2MiB" accept:"image/png,image/jpeg"`
//		Scans  []*web.File `form:"scans" maxItems:"5" accept:"application/pdf"`
//	}
//
// A pointer is nil if no file was selected; required:"true" requires one. maxSize limits one file, in bytes, KiB, MiB
// or GiB, and http.max_body the whole form. accept lists media types, whose last part may be "*". maxPixels:"50000000"
// limits the width times height of an image, read from its header without decoding it; that is also the default of a
// field that accepts images.
//
// Name is the client's name of the file, without folders; do not use it as a file name on the server. ContentType is
// detected from the first bytes (https://mimesniff.spec.whatwg.org), whatever the client claims. Size is the length in
// bytes. Open opens the file for reading, and the caller closes it.
//
// The file is temporary and is removed when the request ends: copy what you want to keep.
type File = upload.File
