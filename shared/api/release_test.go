package api_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"keepsake/infra/cloudtest/rows"
)

// TestTheRowsOfEveryReleaseAreAsGoodAsNew does all that there is to do to rows that earlier releases
// have written, an hour after they did.
func TestTheRowsOfEveryReleaseAreAsGoodAsNew(t *testing.T) {
	for _, r := range rows.Releases(t) {
		t.Run(r.Name, func(t *testing.T) { inherit(t, r).everything() })
	}
}

// TestRowsOfANewerReleaseAreAsGoodAsOwnOnes does the same to rows that have, wherever one can be, an
// attribute of each of DynamoDB's types that this release does not know. Newer code and older code run
// side by side during each deployment, and after one that is taken back.
func TestRowsOfANewerReleaseAreAsGoodAsOwnOnes(t *testing.T) {
	all := rows.Releases(t)
	h := inherit(t, all[len(all)-1].Newer())
	h.everything()
	for _, row := range h.rowsOf("SecretsTable", "meta") {
		if left := rows.Unknown(row); len(left) != 10 {
			t.Errorf("of the 10 attributes that only newer code knows are left %v", left)
		}
	}
}

// heir is this release, with the rows of another one.
type heir struct {
	*service
	release *rows.Release
}

func inherit(t *testing.T, r *rows.Release) *heir {
	h := &heir{service: startOn(t, r), release: r}
	h.now = h.now.Add(time.Hour)
	return h
}

// everything goes from what changes nothing to what changes all.
func (h *heir) everything() {
	h.responsesAreAsTheyWere()
	h.valuesOpen()
	h.tokensAreAsGoodAsTheyWere()
	h.whatIsOverStaysOver()
	h.keysAreRemembered()
	h.deletionsAreUndone()
	h.aLateRetryUndoesNothing()
	h.activeOnesChange()
}

func (h *heir) id(part string) string {
	h.t.Helper()
	m, ok := h.release.Secrets[part]
	if !ok {
		h.t.Fatalf("release %s has no secret that plays %q", h.release.Name, part)
	}
	return m.ID
}

// kept is what the release answered about a secret.
func (h *heir) kept(part string) map[string]any {
	h.t.Helper()
	return object(h.t, h.release.Secrets[part].Secret)
}

func object(t testing.TB, raw json.RawMessage) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// holds checks that what is in want is in got. A later release may say more.
func (h *heir) holds(what string, want, got any) {
	h.t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		for name, value := range want {
			h.holds(what+"."+name, value, got[name])
		}
	case []any:
		got, _ := got.([]any)
		if len(got) != len(want) {
			h.t.Errorf("%s has %d entries, had %d", what, len(got), len(want))
			return
		}
		for i := range want {
			h.holds(fmt.Sprint(what, "[", i, "]"), want[i], got[i])
		}
	default:
		if !reflect.DeepEqual(want, got) {
			h.t.Errorf("%s is %v, was %v", what, got, want)
		}
	}
}

func (h *heir) responsesAreAsTheyWere() {
	listed := map[string][]string{}
	for part, m := range h.release.Secrets {
		if m.Secret == nil {
			continue
		}
		was := h.kept(part)
		h.holds(part, was, h.call("get-secret", request{id: m.ID}).want(200).json)
		h.versionsAreAsTheyWere(part)
		state := was["state"].(string)
		listed[state] = append(listed[state], m.ID)
	}
	for state, want := range listed {
		got := slices.Concat(h.pages("list-secrets", request{query: with("state", state, "limit", "3")})...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			h.t.Errorf("the list of what is %s has %v, not %v", state, got, want)
		}
	}
}

func (h *heir) versionsAreAsTheyWere(part string) {
	h.t.Helper()
	id, was := h.id(part), object(h.t, h.release.Secrets[part].Versions)
	h.holds(part, was["data"], h.call("list-secret-versions", request{id: id}).want(200).json["data"])
	for _, v := range was["data"].([]any) {
		v := v.(map[string]any)
		h.holds(part, v, h.call("get-secret-version", request{id: id, vid: v["id"].(string)}).want(200).json)
	}
}

func (h *heir) value(part, vid, want string) {
	h.t.Helper()
	if got := h.call("access-secret-version", request{id: h.id(part), vid: vid}).want(200).str("value"); got != want {
		h.t.Errorf("%s, version %s: another value than was stored", part, vid)
	}
}

func (h *heir) valuesOpen() {
	for _, part := range []string{"plain", "aws", "registry", "webhook", "valid", "invalid", "unanswered", "reenabled", "undeleted plainly"} {
		h.value(part, "latest", valueOf(part, "1"))
	}
	for _, part := range []string{"threefold", "undeleted"} {
		id := h.id(part)
		for _, vid := range []string{"latest", "stable", versionOf(id, "3")} {
			h.value(part, vid, valueOf(part, "3"))
		}
		h.call("access-secret-version", request{id: id, vid: "old"}).conflict("FAILED_PRECONDITION")
		h.call("access-secret-version", request{id: id, vid: versionOf(id, "2")}).fault(410, 7014)
	}
	h.call("access-secret-version", request{id: h.id("deleted")}).fault(404, 7002)
}

func (h *heir) tokensAreAsGoodAsTheyWere() {
	read := func(part string, headers ...string) response {
		headers = append(headers, "authorization", "Bearer "+rows.TokenOf(part))
		return h.call("get-secret", request{id: h.id("plain"), headers: with(headers...)})
	}
	read("broad", "akua-context", workspace).want(200)
	read("broad", "akua-context", "ws_other").fault(404, 7002)
	read("broad").fault(400, 7001)
	read("expired").fault(401, 7003)
	read("revoked").fault(401, 7003)
}

// whatIsOverStaysOver: neither the mark of a purge nor a deadline is overlooked.
func (h *heir) whatIsOverStaysOver() {
	for _, part := range []string{"forced", "due", "scheduled"} {
		id := h.id(part)
		for _, operation := range []string{"get-secret", "list-secret-versions", "access-secret-version", "create-secret-version"} {
			r := request{id: id}
			if operation == "create-secret-version" {
				r.body = body(versionBody)
			}
			h.call(operation, r).fault(404, 7002)
		}
		for _, etag := range []string{"1", "2", "3"} {
			h.call("undelete-secret", request{id: id, headers: with("if-match", etag)}).fault(404, 7002)
			h.hardDelete(id, etag).fault(404, 7002)
		}
	}
}
