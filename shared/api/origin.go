package api

import (
	"crypto/subtle"

	"keepsake/shared/fault"
)

// originHeader proves that a request comes through the distribution, which sets it and overwrites what
// the client sent.
const originHeader = "x-origin-key"

// fromTheDistribution returns Forbidden if a request lacks the key that the distribution adds: then it
// was sent to the gateway's own address. Such a client could write any address into x-viewer-address,
// and so into the audit trail. Either of the edge's two keys will do: while the distribution changes from one
// to the other, some of its locations still send the one before. An edge without a key refuses every request.
//
// The comparison takes equally long for each key of the right length; the length is not secret. Both keys are
// always compared.
func (e Edge) fromTheDistribution(event Event) error {
	given := []byte(event.Headers[originHeader])
	if isKey(given, e.OriginKey)|isKey(given, e.OriginKeyNext) == 1 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Forbidden, Message: "this address is closed: requests come through the distribution",
	}
}

// isKey returns 1 if given is the key, and 0 if it is not, or if there is no key.
func isKey(given []byte, key string) int {
	if key == "" {
		return 0
	}
	return subtle.ConstantTimeCompare(given, []byte(key))
}
