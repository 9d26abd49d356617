package api_test

import (
	"strconv"
	"time"
)

// keysAreRemembered: a request that an earlier release has carried out is not carried out again, and
// not refused.
func (h *heir) keysAreRemembered() {
	create := func(key, name string) response {
		text := `{"name":"` + name + `","value":"` + valueOf(name, "1") + `"` + generic + `}`
		return h.call("create-secret", request{headers: with("idempotency-key", key), body: body(text)})
	}
	for key, part := range map[string]string{"create-1": "keyed", "create-2": "keyed and changed", "create-3": "keyed and deleted"} {
		h.holds(part+", made again", h.kept(part), create(key, part).want(201).json)
		create(key, "another").conflict("IDEMPOTENCY_KEY_REUSED")
	}
	id := h.id("keyed")
	again := func(text string) response {
		return h.call("create-secret-version", request{id: id, headers: with("idempotency-key", "version-1"), body: body(text)})
	}
	if got := again(versionBody).want(201).str("id"); got != versionOf(id, "2") {
		h.t.Errorf("the key version-1 made %s", got)
	}
	again(`{"value":"another"}`).conflict("IDEMPOTENCY_KEY_REUSED")
	h.receiptsAreRemembered()
	h.responsesAreAsTheyWere() // nothing of this was done
	h.keysAreForgotten()
}

// receiptsAreRemembered: the same for the keys of operations that have a target.
func (h *heir) receiptsAreRemembered() {
	for part, key := range map[string]string{"undeleted": "undelete-1", "deleted twice": "undelete-2"} {
		was := h.kept(part)
		ifMatch := before(was["etag"])
		if part == "deleted twice" {
			ifMatch = before(before(was["etag"]))
		}
		retry := request{id: h.id(part), headers: with("if-match", ifMatch, "idempotency-key", key)}
		h.holds(part+", undeleted again", was, h.call("undelete-secret", retry).want(200).json)
	}
	id := h.id("reenabled")
	vid := versionOf(id, "1")
	was := h.call("get-secret-version", request{id: id, vid: vid}).want(200)
	retry := request{id: id, vid: vid, headers: with("if-match", before(was.json["etag"]), "idempotency-key", "enable-1")}
	h.holds("reenabled, enabled again", was.json, h.call("enable-secret-version", retry).want(200).json)
}

// aLateRetryUndoesNothing: the version has been disabled since it was enabled under the key.
func (h *heir) aLateRetryUndoesNothing() {
	id := h.id("reenabled")
	vid := versionOf(id, "1")
	etag := h.call("get-secret-version", request{id: id, vid: vid}).want(200).str("etag")
	h.change("disable-secret-version", id, vid).want(200)
	retry := request{id: id, vid: vid, headers: with("if-match", before(etag), "idempotency-key", "enable-1")}
	if state := h.call("enable-secret-version", retry).want(200).str("state"); state != "disabled" {
		h.t.Errorf("a late retry has %s the version", state)
	}
	h.change("enable-secret-version", id, vid).want(200)
}

// before is the etag before this one.
func before(etag any) string {
	n, _ := strconv.ParseInt(etag.(string), 10, 64)
	return strconv.FormatInt(n-1, 10)
}

// keysAreForgotten: a day after the request a key is free.
func (h *heir) keysAreForgotten() {
	now, token := h.now, h.token
	defer func() { h.now, h.token = now, token }()
	h.now = h.now.Add(24 * time.Hour)
	text := `{"name":"keyed","value":"` + valueOf("keyed", "1") + `"` + generic + `}`
	made := h.call("create-secret", request{headers: with("idempotency-key", "create-1"), body: body(text)}).want(201)
	if made.str("id") == h.id("keyed") {
		h.t.Error("a key is honoured for longer than a day")
	}
	h.hardDelete(made.str("id"), made.str("etag")).want(204)
}
