package cbor

import "encoding/binary"

// The major types of CBOR that consist of more than a head (RFC 8949 §3.1).
const (
	majorBytes = 2
	majorText  = 3
	majorMap   = 5
	majorTag   = 6
)

// countItems counts the values of CBOR without creating any; names and tags do not count. It stops at malformed data,
// which the decoder rejects before it allocates.
func countItems(data []byte) int {
	count := 0
	for len(data) > 0 {
		major, n, size := head(data)
		if size == 0 {
			return count
		}
		data = data[size:]
		if major != majorTag {
			count++
		}
		if (major == majorBytes || major == majorText || major == majorMap) && n > uint64(len(data)) {
			return count
		}
		switch major {
		case majorBytes, majorText:
			data = data[n:]
		case majorMap:
			count -= int(n) //nolint:gosec // less than the length of data
		}
	}
	return count
}

// head reads the head of an item: its major type, its argument, and its size in bytes, which is 0 if it is truncated,
// reserved, or of indefinite length.
func head(data []byte) (major byte, argument uint64, size int) {
	major, info := data[0]>>5, data[0]&0x1f
	if info < 24 {
		return major, uint64(info), 1
	}
	if size = 1 + 1<<(info-24); info > 27 || len(data) < size {
		return major, 0, 0
	}
	var padded [8]byte
	copy(padded[9-size:], data[1:size])
	return major, binary.BigEndian.Uint64(padded[:]), size
}
