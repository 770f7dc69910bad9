package proxy

import "io"

// FrameEnds returns where frames end in data that arrives in pieces of a size: the last end in each piece.
func FrameEnds(data []byte, size int) []int {
	var p frameParser
	var ends []int
	for start := 0; start < len(data); start += size {
		if end := p.feed(data[start:min(start+size, len(data))]); end > 0 {
			ends = append(ends, start+end)
		}
	}
	return ends
}

// Inject adds a tag to a document as it does to pages.
func Inject(source io.Reader, tag string) io.Reader {
	i := &injector{source: source, tag: tag}
	if !i.sniff() {
		i.done = true
	}
	return i
}
