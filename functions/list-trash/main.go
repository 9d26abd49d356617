// list-trash returns a page of the workspace's soft-deleted secrets, who deleted them, and whether anybody has
// tried to read them since. It can neither write nor decrypt anything.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.ListTrash(env.Edge(), env.Secrets(), env.TrailReader(), env.Dashboard()))
}
