package connguard

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

// preface begins every HTTP/2 connection (RFC 9113 §3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Types and flags of frames (RFC 9113 §6).
const (
	typeData         = 0x0
	typeHeaders      = 0x1
	typePriority     = 0x2
	typeResetStream  = 0x3
	typeSettings     = 0x4
	typePing         = 0x6
	typeContinuation = 0x9

	flagEndStream = 0x1
	flagAck       = 0x1
	headerSize    = 9
)

const (
	// A connection is closed when it has reset this many streams and at least half of those that it opened. A proxy
	// whose clients leave early stays below a half.
	minResets = 500
	// maxContinuations bounds the CONTINUATION frames of one header block. http.max_header bounds their bytes, and an
	// empty frame has none.
	maxContinuations = 64
	// maxEmpty bounds the DATA frames of a connection that carry nothing and end nothing.
	maxEmpty = 1000
	// A connection may send controlBurst frames of the kinds SETTINGS, PING and PRIORITY at once, and controlRate a
	// second.
	controlBurst = 1000
	controlRate  = 20
)

var (
	errResets        = errors.New("HTTP/2: most streams were reset")
	errContinuations = errors.New("HTTP/2: too many CONTINUATION frames")
	errEmpty         = errors.New("HTTP/2: too many empty DATA frames")
	errControl       = errors.New("HTTP/2: too many SETTINGS, PING or PRIORITY frames")
)

// frames follows the incoming bytes of a connection. Anything but HTTP/2 without TLS is left alone.
//
// Threat: frames that cost the server work or memory and ask for nothing: rapid resets (CVE-2023-44487), endless
// CONTINUATION frames (CVE-2024-27316), empty frames, floods of settings and pings (CVE-2019-9512, 9515, 9518).
type frames struct {
	state   state
	matched int // bytes of the preface
	header  [headerSize]byte
	have    int // bytes of the header
	payload int // bytes of the payload that are still to come

	lastStream    uint32
	opened        int
	resets        int
	continuations int
	empty         int
	control       float64 // what is used up of controlBurst
	controlAt     time.Time
}

type state int

const (
	inPreface state = iota
	inFrames
	ignored
)

// add reads what has arrived. It returns an error when the connection should be closed.
func (f *frames) add(data []byte) error {
	if f.state == inPreface {
		n := min(len(data), len(preface)-f.matched)
		if !bytes.Equal(data[:n], []byte(preface[f.matched:f.matched+n])) {
			f.state = ignored
			return nil
		}
		f.matched += n
		data = data[n:]
		if f.matched == len(preface) {
			f.state = inFrames
		}
	}
	if f.state != inFrames {
		return nil
	}
	for len(data) > 0 {
		if f.payload > 0 {
			n := min(f.payload, len(data))
			f.payload -= n
			data = data[n:]
			continue
		}
		n := copy(f.header[f.have:], data)
		f.have += n
		data = data[n:]
		if f.have == headerSize {
			f.have = 0
			if err := f.frame(); err != nil {
				return err
			}
		}
	}
	return nil
}

// frame counts the frame whose header is complete.
func (f *frames) frame() error {
	length := int(f.header[0])<<16 | int(f.header[1])<<8 | int(f.header[2])
	kind, flags := f.header[3], f.header[4]
	stream := binary.BigEndian.Uint32(f.header[5:]) & 0x7fffffff
	f.payload = length
	if kind != typeContinuation {
		f.continuations = 0
	}
	switch kind {
	case typeHeaders:
		if stream > f.lastStream {
			f.lastStream = stream
			f.opened++
		}
	case typeResetStream:
		if f.resets++; f.resets >= minResets && 2*f.resets >= f.opened {
			return errResets
		}
	case typeContinuation:
		if f.continuations++; f.continuations > maxContinuations {
			return errContinuations
		}
	case typeData:
		if length == 0 && flags&flagEndStream == 0 {
			if f.empty++; f.empty > maxEmpty {
				return errEmpty
			}
		}
	case typeSettings, typePing, typePriority:
		if flags&flagAck == 0 || kind == typePriority {
			return f.countControl(time.Now())
		}
	}
	return nil
}

func (f *frames) countControl(now time.Time) error {
	if !f.controlAt.IsZero() {
		f.control = max(0, f.control-controlRate*now.Sub(f.controlAt).Seconds())
	}
	f.controlAt = now
	if f.control++; f.control > controlBurst {
		return errControl
	}
	return nil
}
