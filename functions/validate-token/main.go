// validate-token asks a provider whether a token is valid. It can read only our own credentials,
// and stores nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.ValidateToken(env.Edge(), env.HCloud()))
}
