package api_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// deletionsAreUndone: whole, by one call, with the etag that the earlier release gave.
func (h *heir) deletionsAreUndone() {
	for i, part := range []string{"deleted", "deleted credential", "deleted twice", "keyed and deleted"} {
		was := h.kept(part)
		headers := with("if-match", was["etag"].(string))
		if i%2 == 0 {
			headers["idempotency-key"] = "now, of " + part
		}
		back := h.call("undelete-secret", request{id: h.id(part), headers: headers}).want(200)
		maps.DeleteFunc(was, func(name string, _ any) bool {
			return slices.Contains([]string{"state", "etag", "updated_at", "deleted_at", "purge_at"}, name)
		})
		h.holds(part+", undeleted", was, back.json)
		if back.json["state"] != "active" || back.json["purge_at"] != nil || back.json["deleted_at"] != nil {
			h.t.Errorf("%s, undeleted: %s", part, back.text)
		}
		h.versionsAreAsTheyWere(part)
	}
	h.value("deleted", "latest", valueOf("deleted", "3"))
	h.value("deleted", "stable", valueOf("deleted", "3"))
	h.value("deleted credential", "latest", valueOf("deleted credential", "1"))
	h.value("deleted twice", "latest", valueOf("deleted twice", "1"))
}

// activeOnesChange: old rows change as this release's own rows do.
func (h *heir) activeOnesChange() {
	for _, part := range []string{"threefold", "undeleted", "deleted", "valid", "deleted credential", "reenabled", "keyed"} {
		h.changes(part)
	}
	id := h.id("threefold")
	h.call("delete-secret", request{id: id, headers: with("if-match", h.etagOf(id))}).want(204)
	h.hardDelete(id, h.etagOf(id)).want(204)
	h.call("get-secret", request{id: id}).fault(404, 7002)
	id = h.id("undeleted plainly")
	h.hardDelete(id, h.etagOf(id)).want(204)
	h.call("undelete-secret", request{id: id, headers: with("if-match", "4")}).fault(404, 7002)
}

// changes takes a secret through every change.
func (h *heir) changes(part string) {
	h.t.Helper()
	id := h.id(part)
	count := int(h.kept(part)["version_count"].(float64))
	h.call("update-secret", request{id: id, headers: with("if-match", "999"), body: body(`{"name":"x"}`)}).conflict("ABORTED")
	h.call("update-secret", request{id: id, headers: with("if-match", h.etagOf(id)),
		body: body(`{"name":"renamed","labels":{"a":"b"},"version_aliases":{"first":1}}`)}).want(200)
	newest := h.call("create-secret-version", request{id: id, body: body(`{"value":"a newer one"}`)}).want(201).str("id")
	if newest != versionOf(id, strconv.Itoa(count+1)) {
		h.t.Errorf("%s: the next version is %s", part, newest)
	}
	h.value(part, "latest", "a newer one")
	for _, operation := range []string{"disable-secret-version", "enable-secret-version", "disable-secret-version"} {
		h.change(operation, id, newest).want(200)
	}
	if strings.HasPrefix(part, "deleted cred") || part == "valid" || part == "reenabled" {
		h.value(part, "latest", valueOf(part, "1"))
	}
	h.change("destroy-secret-version", id, newest).want(200)
	h.call("delete-secret", request{id: id, headers: with("if-match", h.etagOf(id))}).want(204)
	h.call("access-secret-version", request{id: id}).fault(404, 7002)
	now := h.call("undelete-secret", request{id: id, headers: with("if-match", h.etagOf(id), "idempotency-key", "again, of "+id)}).want(200)
	if now.json["name"] != "renamed" || int(now.json["version_count"].(float64)) != count+1 {
		h.t.Errorf("%s is now %s", part, now.text)
	}
}
