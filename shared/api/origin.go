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
// and so into the audit trail. An edge without a key refuses every request.
//
// The comparison takes equally long for each key of the right length; the length is not secret.
func (e Edge) fromTheDistribution(event Event) error {
	given := []byte(event.Headers[originHeader])
	if e.OriginKey != "" && subtle.ConstantTimeCompare(given, []byte(e.OriginKey)) == 1 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Forbidden, Message: "this address is closed: requests come through the distribution",
	}
}
