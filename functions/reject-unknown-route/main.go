// reject-unknown-route refuses requests that match no route. It has no rights to any data.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.RejectUnknownRoute(env.BareEdge()))
}
