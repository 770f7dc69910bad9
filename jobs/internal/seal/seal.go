// Package seal encrypts the arguments of jobs with AES-256-GCM and a random nonce, bound to the id and the kind of
// their job.
//
// Threat: a reader of the database, of its backup or of Redis learns the arguments of jobs, such as a password reset
// link; an attacker who can write there moves the arguments of one job into another.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// Sealer encrypts with its first key and decrypts with any.
type Sealer struct {
	newest string
	keys   map[string]sealKey
}

type sealKey struct {
	aead cipher.AEAD
	mac  []byte
}

var (
	errNoKey = errors.New(
		"no key to encrypt arguments with (jobs.Config.Keys, which an application derives from SECRET_KEY)")
	errLostKey = errors.New("the arguments are encrypted with an unknown key; add the former SECRET_KEY to OLD_SECRET_KEYS")
	errForged  = errors.New("the encrypted arguments were modified or belong to another job")
)

// New returns a sealer with keys of 32 bytes each.
func New(keys [][]byte) (*Sealer, error) {
	s := &Sealer{keys: map[string]sealKey{}}
	for i, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil || len(key) != 32 {
			return s, fmt.Errorf("jobs: encryption key %d has %d bytes, expected 32", i, len(key))
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return s, fmt.Errorf("jobs: encryption key %d: %w", i, err)
		}
		sum := sha256.Sum256(append([]byte("covet job key id "), key...))
		id := hex.EncodeToString(sum[:8])
		if i == 0 {
			s.newest = id
		}
		s.keys[id] = sealKey{aead: aead, mac: key}
	}
	return s, nil
}

// Seal encrypts the arguments of a job and returns the name of the key.
func (s *Sealer) Seal(id, kind string, payload []byte) (text []byte, key string, err error) {
	k, ok := s.keys[s.newest]
	if !ok {
		return nil, "", errNoKey
	}
	sealed := k.aead.Seal(nil, nil, payload, sealedFor(id, kind))
	return base64.RawStdEncoding.AppendEncode(nil, sealed), s.newest, nil
}

// Open decrypts what Seal returned.
func (s *Sealer) Open(id, kind, key string, text []byte) ([]byte, error) {
	k, ok := s.keys[key]
	if !ok {
		return nil, errLostKey
	}
	sealed := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(sealed, text)
	if err != nil {
		return nil, errForged
	}
	payload, err := k.aead.Open(nil, nil, sealed[:n], sealedFor(id, kind))
	if err != nil {
		return nil, errForged
	}
	return payload, nil
}

// Digest returns a keyed hash of text for the unique keys of encrypted kinds.
//
// Threat: arguments with few possible values are guessed from their plain hash.
func (s *Sealer) Digest(text []byte) []byte {
	mac := hmac.New(sha256.New, s.keys[s.newest].mac)
	_, _ = mac.Write(text) // never fails
	return mac.Sum(nil)
}

func sealedFor(id, kind string) []byte { return []byte("covet job " + kind + " " + id) }
