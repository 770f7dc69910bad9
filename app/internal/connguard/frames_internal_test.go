package connguard

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"
)

// frame returns a frame with a payload of zeros.
func frame(kind, flags byte, stream uint32, length int) []byte {
	b := make([]byte, headerSize+length)
	b[0], b[1], b[2], b[3], b[4] = byte(length>>16), byte(length>>8), byte(length), kind, flags
	binary.BigEndian.PutUint32(b[5:], stream)
	return b
}

func repeat(n int, frames ...[]byte) []byte {
	var b []byte
	for range n {
		for _, f := range frames {
			b = append(b, f...)
		}
	}
	return b
}

// streams opens n streams, and resets every nth of them; with 0 none.
func streams(n, every int) []byte {
	var b []byte
	for i := range n {
		id := uint32(2*i + 1) //nolint:gosec // small
		b = append(b, frame(typeHeaders, flagEndStream|0x4, id, 20)...)
		if every > 0 && i%every == 0 {
			b = append(b, frame(typeResetStream, 0, id, 4)...)
		}
	}
	return b
}

func TestFrames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"HTTP/1":                     {[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), nil},
		"TLS":                        {append([]byte{0x16, 3, 1}, make([]byte, 5000)...), nil},
		"a method that begins alike": {[]byte("PRIME / HTTP/1.1\r\n\r\n"), nil},
		"ordinary requests":          {streams(10000, 0), nil},
		"some resets":                {streams(5000, 3), nil},
		"few resets":                 {streams(499, 1), nil},
		"rapid reset":                {streams(20000, 1), errResets},
		"every second reset":         {streams(20000, 2), errResets},
		"resets without streams":     {repeat(1000, frame(typeResetStream, 0, 1, 4)), errResets},
		"a large header": {append(frame(typeHeaders, 0, 1, 16384),
			repeat(4, frame(typeContinuation, 0, 1, 16384))...), nil},
		"empty CONTINUATION frames": {
			append(frame(typeHeaders, 0, 1, 10), repeat(500, frame(typeContinuation, 0, 1, 0))...),
			errContinuations,
		},
		"long CONTINUATION frames": {append(frame(typeHeaders, 0, 1, 10),
			repeat(100, frame(typeContinuation, 0, 1, 500))...), errContinuations},
		"many headers in two frames": {repeat(1000, frame(typeHeaders, 0, 1, 10), frame(typeContinuation, 0x4, 1, 10)), nil},
		"uploads":                    {repeat(5000, frame(typeData, 0, 1, 100)), nil},
		"ends of uploads":            {repeat(5000, frame(typeData, flagEndStream, 1, 0)), nil},
		"empty DATA frames":          {repeat(2000, frame(typeData, 0, 1, 0)), errEmpty},
		"settings":                   {repeat(2000, frame(typeSettings, 0, 0, 6)), errControl},
		"pings":                      {repeat(2000, frame(typePing, 0, 0, 8)), errControl},
		"answered pings":             {repeat(2000, frame(typePing, flagAck, 0, 8)), nil},
		"priorities":                 {repeat(2000, frame(typePriority, 0, 1, 5)), errControl},
	} {
		for _, piece := range []int{1, 7, 4096} {
			var f frames
			sent := c.sent
			if name != "HTTP/1" && name != "TLS" && name != "a method that begins alike" {
				sent = append([]byte(preface), sent...)
			}
			var err error
			for len(sent) > 0 && err == nil {
				n := min(piece, len(sent))
				err = f.add(sent[:n])
				sent = sent[n:]
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%s, %d bytes at a time: error is %v, want %v", name, piece, err, c.want)
			}
		}
	}
}

func TestControlFramesMayComeForHours(t *testing.T) {
	t.Parallel()
	var f frames
	now := time.Now()
	for range 100_000 {
		now = now.Add(time.Second / controlRate)
		if err := f.countControl(now); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte(preface), 3)
	f.Add(append([]byte(preface), streams(3, 1)...), 5)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		var whole, parts frames
		piece = max(1, piece%64)
		want := whole.add(data)
		var got error
		for len(data) > 0 && got == nil {
			n := min(piece, len(data))
			got = parts.add(data[:n])
			data = data[n:]
		}
		if !errors.Is(got, want) {
			t.Errorf("in pieces the error is %v, at once %v", got, want)
		}
	})
}
