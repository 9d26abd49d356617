package fault

import (
	"fmt"
	"runtime/debug"
)

// Panic turns a recovered panic into an error. It does not show the panic's value, which may hold a
// secret, unless that is an error of the runtime, which holds none.
func Panic(recovered any) error {
	what := fmt.Sprintf("a %T", recovered)
	if e, ok := recovered.(interface{ RuntimeError() }); ok {
		what = fmt.Sprint(e)
	}
	return fmt.Errorf("panic: %s\n%s", what, debug.Stack())
}
