// Package page makes the console's page from a function's environment. Only get-console links it.
package page

import (
	"fmt"

	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/console"
)

// Console returns the console's page.
func Console(e *boot.Env) api.Page {
	p, err := console.New(console.SignIn(e.SignIn()))
	if err != nil {
		e.Refuse(fmt.Errorf("the console's page: %w", err))
	}
	return api.Page(p)
}
