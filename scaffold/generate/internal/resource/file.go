package resource

// fileSamples are the names and the first bytes of files that are accepted, by media type.
var fileSamples = map[string]FileSample{
	"image/png":  {"picture.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"},
	"image/jpeg": {"picture.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"},
	"image/gif":  {"picture.gif", "GIF89a\x01\x00\x01\x00\x00\x00\x00"},
	"image/webp": {"picture.webp", "RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},

	"application/pdf": {"paper.pdf", "%PDF-1.7\n"}, "application/zip": {"archive.zip", "PK\x03\x04\x00\x00"},
	"application/x-gzip": {"archive.gz", "\x1f\x8b\x08\x00"}, "text/plain": {"notes.txt", "Notes"},
	"audio/mpeg": {"sound.mp3", "ID3\x03\x00"}, "audio/wave": {"sound.wav", "RIFF\x04\x00\x00\x00WAVE"},
	"application/ogg": {"sound.ogg", "OggS\x00"}, "video/mp4": {"film.mp4", "\x00\x00\x00\x10ftypmp42\x00\x00\x00\x00"},
	"video/webm": {"film.webm", "\x1aE\xdf\xa3"},
}

// FileSample is a file that tests upload.
type FileSample struct{ Name, Content string }

// FileSample is a file that the column takes.
func (c Column) FileSample() FileSample {
	if len(c.Values) > 0 {
		return fileSamples[c.MediaTypes()[0]]
	}
	return fileSamples["image/gif"]
}
