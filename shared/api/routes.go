package api

import (
	"slices"
	"strings"
)

// Route is the method and the path of one operation, as clients see them.
type Route struct {
	Operation    string // one name everywhere: folder, template, sample, policy, metric
	ID           string // the contract's name, which generated clients have
	Method, Path string
}

// Routes is the whole API. The gateway sees a slash instead of a custom method's colon; no path here has
// that spelling.
var Routes = []Route{
	{"create-secret", "secrets.create", "POST", "/v1/secrets"},
	{"list-secrets", "secrets.list", "GET", "/v1/secrets"},
	{"get-secret", "secrets.get", "GET", "/v1/secrets/{id}"},
	{"update-secret", "secrets.update", "PATCH", "/v1/secrets/{id}"},
	{"delete-secret", "secrets.delete", "DELETE", "/v1/secrets/{id}"},
	{"undelete-secret", "secrets.undelete", "POST", "/v1/secrets/{id}:undelete"},
	{"validate-token", "secrets.validateToken", "POST", "/v1/secrets/validate_token"},
	{"create-secret-version", "secrets.createVersion", "POST", "/v1/secrets/{id}/versions"},
	{"list-secret-versions", "secrets.listVersions", "GET", "/v1/secrets/{id}/versions"},
	{"get-secret-version", "secrets.getVersion", "GET", "/v1/secrets/{id}/versions/{vid}"},
	{"enable-secret-version", "secrets.enableVersion", "POST", "/v1/secrets/{id}/versions/{vid}:enable"},
	{"disable-secret-version", "secrets.disableVersion", "POST", "/v1/secrets/{id}/versions/{vid}:disable"},
	{"destroy-secret-version", "secrets.destroyVersion", "POST", "/v1/secrets/{id}/versions/{vid}:destroy"},
	{"list-trash", "trash.list", "GET", "/v1/trash"},
	{"list-secret-events", "secrets.listEvents", "GET", "/v1/secrets/{id}/events"},
	{"access-secret-version", "secrets.accessVersion", "POST", "/v1/secrets/{id}/versions/{vid}:access"},
	{"access-named-version", "names.accessVersion", "POST", "/v1/names/{name}/versions/{vid}:access"},
	{"get-openapi", "openapi.get", "GET", "/v1/openapi.json"},
}

// Pages are the paths for browsers. They answer with HTML and are no part of the API: the API's document
// does not have them.
var Pages = []Route{
	{"get-console", "console.get", "GET", "/"},
	{"get-console", "console.get", "GET", "/workspaces/{ws}/secrets/{id}"},
}

// methodsOf returns the methods of path; none if the path is unknown. It knows no path with a colon: a
// custom method has POST only, and with another method or name the colon is part of an id that names
// nothing. A path that is written out (validate_token) has only its own methods, although it also
// matches a pattern.
func methodsOf(path string) []string {
	var methods, own []string
	for _, r := range slices.Concat(Routes, Pages) {
		if !strings.Contains(path, ":") && matches(r.Path, path) {
			methods = append(methods, r.Method)
		}
		if r.Path == path {
			own = append(own, r.Method)
		}
	}
	if len(own) > 0 {
		return own
	}
	return methods
}

// matches reports whether path fits pattern.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, segment := range want {
		variable := strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
		if variable && got[i] == "" || !variable && segment != got[i] {
			return false
		}
	}
	return true
}
