// get-openapi returns the description of the API. It has no rights to any data.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.GetOpenapi(env.BareEdge()))
}
