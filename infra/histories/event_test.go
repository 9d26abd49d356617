package histories

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"keepsake/shared/api"
)

// event returns a request as the gateway hands it to the function.
func (w *world) event(in input, id string) api.Event {
	headers := map[string]string{"authorization": "Bearer " + w.token, "x-origin-key": w.origin}
	maps.Copy(headers, map[string]string{"if-match": in.ifMatch, "idempotency-key": in.key})
	maps.DeleteFunc(headers, func(_, v string) bool { return v == "" })
	r := api.Event{Headers: headers, PathParameters: map[string]string{"id": id}}
	switch in.op {
	case "create":
		r.Body = fmt.Sprintf(`{"name":"n","kind":"generic","value":%q}`, in.value)
	case "append":
		r.Body = fmt.Sprintf(`{"value":%q}`, in.value)
	case "update":
		r.Body = fmt.Sprintf(`{"name":%q}`, in.name)
		if in.alias > 0 {
			r.Body = fmt.Sprintf(`{"name":%q,"version_aliases":{%q:%d}}`, in.name, alias, in.alias)
		}
	case "force":
		r.QueryStringParameters = map[string]string{"force": "true"}
	case "enable", "disable", "destroy", "access":
		r.PathParameters["vid"] = in.ask
		if in.ask == "" {
			r.PathParameters["vid"] = fmt.Sprintf("secv_%s_%d", strings.TrimPrefix(id, "sec_"), in.number)
		}
	}
	return r
}

// body has the fields of every response: of secrets, versions and errors.
type body struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	State   string `json:"state"`
	PurgeAt int64  `json:"purge_at"`
	Count   int    `json:"version_count"`
	Enabled int    `json:"enabled_version_count"`
	Number  int    `json:"version_number"`
	Value   string `json:"value"`
	Errors  []struct{ Metadata struct{ Reason, Etag string } }
}

// read turns a response into an output of the history. A 429 or 503 leaves the outcome unknown.
func read(in input, response api.Result) output {
	out := output{status: response.StatusCode, unknown: response.StatusCode == 503 || response.StatusCode == 429}
	out.etag = strings.Trim(response.Headers["ETag"], `"`)
	var b struct {
		body
		Aliases map[string]int `json:"version_aliases"`
	}
	if json.Unmarshal([]byte(response.Body), &b) != nil {
		return out
	}
	out.id, out.state, out.name, out.value, out.purgeAt = b.ID, b.State, b.Name, b.Value, b.PurgeAt
	out.count, out.enabled, out.number, out.alias = b.Count, b.Enabled, b.Number, b.Aliases[alias]
	if len(b.Errors) > 0 {
		out.reason, out.etag = b.Errors[0].Metadata.Reason, b.Errors[0].Metadata.Etag
	}
	return out
}
