package password

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
)

// params are the cost of an argon2id hash and the length of its key in bytes.
type params struct {
	memory    uint32 // KiB
	time      uint32 // passes
	threads   uint8  // lanes
	keyLength uint32
}

// today is what new hashes cost: the least that OWASP recommends. It is read only.
var today = params{memory: 19456, time: 2, threads: 1, keyLength: 32}

// cheap is what hashes cost in tests. It is read only.
var cheap = params{memory: 64, time: 1, threads: 1, keyLength: 32}

const saltLength = 16

// What a stored hash may ask for. RFC 9106's choice for servers short of memory (64 MiB, three passes, four lanes) is
// well within it.
const (
	maxMemory    = 128 << 10 // KiB
	maxWork      = 512 << 10 // KiB, over all passes
	maxThreads   = 16
	minLength    = 8 // of a salt; of a key, 16
	maxLength    = 64
	minKeyLength = 16
)

// phc is a hash in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$key, in base64 without padding.
type phc struct {
	params
	salt, key []byte
}

var phcPattern = regexp.MustCompile(
	`^\$argon2id\$v=(\d{1,3})\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{1,100})\$([A-Za-z0-9+/]{1,100})$`)

// String returns the hash in its format.
func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// weakerThan reports whether hashes with the cost p are stronger.
func (h phc) weakerThan(p params) bool {
	return h.memory < p.memory || h.time < p.time || h.keyLength < p.keyLength || len(h.salt) < saltLength
}

// parse reads a hash. It allocates nothing that the hash asks for.
func parse(s string) (phc, error) {
	match := phcPattern.FindStringSubmatch(s)
	if match == nil || match[1] != strconv.Itoa(argon2.Version) {
		return phc{}, fmt.Errorf("reading a password hash: %w", ErrMalformed)
	}
	var numbers [3]uint64
	for i := range numbers {
		numbers[i], _ = strconv.ParseUint(match[i+2], 10, 64) // digits, and few
	}
	memory, time, threads := numbers[0], numbers[1], numbers[2]
	if memory > maxMemory || memory*time > maxWork || threads > maxThreads || memory < 8*threads {
		return phc{}, fmt.Errorf("reading the cost of a password hash: %w", ErrMalformed)
	}
	strict := base64.RawStdEncoding.Strict()
	salt, err1 := strict.DecodeString(match[5])
	key, err2 := strict.DecodeString(match[6])
	if err1 != nil || err2 != nil || len(salt) < minLength || len(salt) > maxLength ||
		len(key) < minKeyLength || len(key) > maxLength {
		return phc{}, fmt.Errorf("reading the salt and the key of a password hash: %w", ErrMalformed)
	}
	cost := params{memory: uint32(memory), time: uint32(time), threads: uint8(threads), keyLength: uint32(len(key))}
	return phc{params: cost, salt: salt, key: key}, nil
}
