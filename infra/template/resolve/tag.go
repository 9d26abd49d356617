package resolve

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// tagged returns the name of the intrinsic function that the node calls, as in !Sub, or "".
func tagged(node *yaml.Node) string {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		return node.Tag[1:]
	}
	return ""
}
