package api

import "strings"

// Route is the method and the path of one operation, as clients see them.
type Route struct{ Operation, Method, Path string }

// Routes is the whole API. The gateway sees a slash instead of a custom method's colon; no path here has
// that spelling.
var Routes = []Route{
	{"create-secret", "POST", "/v1/secrets"},
	{"list-secrets", "GET", "/v1/secrets"},
	{"get-secret", "GET", "/v1/secrets/{id}"},
	{"update-secret", "PATCH", "/v1/secrets/{id}"},
	{"delete-secret", "DELETE", "/v1/secrets/{id}"},
	{"undelete-secret", "POST", "/v1/secrets/{id}:undelete"},
	{"validate-token", "POST", "/v1/secrets/validate_token"},
	{"create-secret-version", "POST", "/v1/secrets/{id}/versions"},
	{"list-secret-versions", "GET", "/v1/secrets/{id}/versions"},
	{"get-secret-version", "GET", "/v1/secrets/{id}/versions/{vid}"},
	{"enable-secret-version", "POST", "/v1/secrets/{id}/versions/{vid}:enable"},
	{"disable-secret-version", "POST", "/v1/secrets/{id}/versions/{vid}:disable"},
	{"destroy-secret-version", "POST", "/v1/secrets/{id}/versions/{vid}:destroy"},
	{"access-secret-version", "POST", "/v1/secrets/{id}/versions/{vid}:access"},
	{"get-openapi", "GET", "/v1/openapi.json"},
}

// methodsOf returns the methods of path; none if the path is unknown. It knows no path with a colon: a
// custom method has POST only, and with another method or name the colon is part of an id that names
// nothing. A path that is written out (validate_token) has only its own methods, although it also
// matches a pattern.
func methodsOf(path string) []string {
	var methods, own []string
	for _, r := range Routes {
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
