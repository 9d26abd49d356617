// reject-unknown-route answers what no other route takes. It may touch nothing at all.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.RejectUnknownRoute(env.BareEdge()))
}
