// Package boottest builds the functions' handlers for tests, from the environment as their mains do.
package boottest

import (
	"fmt"
	"reflect"

	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/buses"
	"keepsake/shared/boot/keys"
	"keepsake/shared/boot/page"
)

// Operations maps an operation's name to its constructor, for each operation of the API.
var Operations = map[string]any{
	"access-named-version":   api.AccessNamedVersion,
	"access-secret-version":  api.AccessSecretVersion,
	"create-secret":          api.CreateSecret,
	"create-secret-version":  api.CreateSecretVersion,
	"delete-secret":          api.DeleteSecret,
	"destroy-secret-version": api.DestroySecretVersion,
	"disable-secret-version": api.DisableSecretVersion,
	"enable-secret-version":  api.EnableSecretVersion,
	"get-console":            api.GetConsole,
	"get-openapi":            api.GetOpenapi,
	"get-secret":             api.GetSecret,
	"get-secret-version":     api.GetSecretVersion,
	"list-secret-events":     api.ListSecretEvents,
	"list-secret-versions":   api.ListSecretVersions,
	"list-secrets":           api.ListSecrets,
	"list-trash":             api.ListTrash,
	"reject-unknown-route":   api.RejectUnknownRoute,
	"undelete-secret":        api.UndeleteSecret,
	"update-secret":          api.UpdateSecret,
	"validate-token":         api.ValidateToken,
}

// sources are the functions whose results the mains pass to constructors beside the edge. Each takes a
// *boot.Env. No two return the same type, so a parameter's type says which one to call.
var sources = []any{
	(*boot.Env).Secrets, (*boot.Env).Trail, (*boot.Env).TrailReader, (*boot.Env).Dashboard, (*boot.Env).Retention, (*boot.Env).HCloud,
	keys.Sealer, keys.CachingOpener, keys.Fingerprinter, buses.Teller, page.Console,
}

// Build calls an operation's constructor with edge, and takes the other arguments from env. It panics
// if the operation is unknown, or if a parameter has no source or several.
func Build(operation string, edge api.Edge, env *boot.Env) api.Handler {
	constructor := reflect.ValueOf(Operations[operation])
	if !constructor.IsValid() {
		panic(operation + " is not in Operations")
	}
	arguments := make([]reflect.Value, constructor.Type().NumIn())
	for i := range arguments {
		if arguments[i] = reflect.ValueOf(edge); constructor.Type().In(i) != arguments[i].Type() {
			arguments[i] = argument(constructor.Type().In(i), env)
		}
	}
	return constructor.Call(arguments)[0].Interface().(api.Handler)
}

// argument returns env's value for a parameter of this type.
func argument(parameter reflect.Type, env *boot.Env) reflect.Value {
	var found []reflect.Value
	for _, source := range sources {
		if f := reflect.ValueOf(source); f.Type().Out(0).AssignableTo(parameter) {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		panic(fmt.Sprintf("%d sources return a %v, want one", len(found), parameter))
	}
	return found[0].Call([]reflect.Value{reflect.ValueOf(env)})[0]
}
