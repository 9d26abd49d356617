// get-console returns the page for people. It has no rights to any data.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/page"
)

func main() {
	env := boot.Environment()
	env.Serve(api.GetConsole(env.BareEdge(), page.Console(env)))
}
