package api

import (
	"crypto/subtle"

	"keepsake/shared/fault"
)

// originHeader is where the distribution proves that a request comes through it. It puts the header in
// the place of whatever a client sends.
const originHeader = "x-origin-key"

// fromTheDistribution returns Forbidden for a request that has not the key which the distribution adds:
// it was sent to the gateway's own address, past the edge. Without it a client could write any address
// into x-viewer-address, and so into the audit trail. An edge that has no key lets nobody pass.
//
// The comparison takes as long for each key of the right length; how long a key is, is no secret.
func (e Edge) fromTheDistribution(event Event) error {
	given := []byte(event.Headers[originHeader])
	if e.OriginKey != "" && subtle.ConstantTimeCompare(given, []byte(e.OriginKey)) == 1 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Forbidden, Message: "this address is closed: requests come through the distribution",
	}
}
