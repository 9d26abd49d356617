// get-openapi answers with the description of the API. It may touch nothing at all.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.GetOpenapi(env.BareEdge()))
}
