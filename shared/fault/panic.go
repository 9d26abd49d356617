package fault

import (
	"fmt"
	"runtime/debug"
)

// Panic is the error that a recovered panic comes to. It does not show what was panicked with,
// for that may hold a secret; the runtime's own errors do not, and are shown.
func Panic(recovered any) error {
	what := fmt.Sprintf("a %T", recovered)
	if e, ok := recovered.(interface{ RuntimeError() }); ok {
		what = fmt.Sprint(e)
	}
	return fmt.Errorf("panic: %s\n%s", what, debug.Stack())
}
