package api_test

import (
	"os"
	"time"

	"keepsake/infra/cloudtest/rows"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func (k *keeper) tokens() {
	for part, g := range map[string]auth.Grant{
		"owner":   {Workspace: workspace, Scopes: auth.Scopes, Description: "of the kept rows", CreatedAt: k.now, CreatedBy: "laptop"},
		"broad":   {Workspaces: []string{workspace, "ws_other"}, Scopes: auth.Scopes, CreatedAt: k.now, CreatedBy: "laptop"},
		"expired": {Workspace: workspace, Scopes: auth.Scopes, ExpiresAt: k.now.Add(time.Second)},
		"revoked": {Workspace: workspace, Scopes: auth.Scopes},
	} {
		k.must(auth.Register(k.t.Context(), k.db, os.Getenv("TOKENS_TABLE"), rows.TokenOf(part), g))
	}
	registry := auth.NewRegistry(k.db, os.Getenv("TOKENS_TABLE"))
	_, err := registry.Revoke(k.t.Context(), auth.TokenID(rows.TokenOf("revoked")), "laptop", k.now)
	k.must(err)
}

// member makes a secret with this part; its values are valueOf the part and the version's number.
func (k *keeper) member(part, note, fields string, headers ...string) string {
	k.t.Helper()
	k.tick()
	text := `{"name":"` + part + `","value":"` + valueOf(part, "1") + `"` + fields + `}`
	id := k.call("create-secret", request{headers: with(headers...), body: body(text)}).want(201).str("id")
	k.cast[part] = rows.Member{ID: id, Note: note}
	return id
}

func valueOf(part, version string) string { return "of " + part + ", version " + version }

// generic is what member takes for a secret of no special kind.
const generic = `,"kind":"generic"`

func (k *keeper) append(part, number string) {
	k.t.Helper()
	k.tick()
	text := `{"value":"` + valueOf(part, number) + `","comment":"number ` + number + `"}`
	k.call("create-secret-version", request{id: k.cast[part].ID, body: body(text)}).want(201)
}

// act does an operation to a version, by its number.
func (k *keeper) act(operation, part, number string, headers ...string) {
	k.t.Helper()
	k.tick()
	id := k.cast[part].ID
	vid := versionOf(id, number)
	etag := k.call("get-secret-version", request{id: id, vid: vid}).want(200).str("etag")
	k.call(operation, request{id: id, vid: vid, headers: with(append(headers, "if-match", etag)...)}).want(200)
}

func versionOf(id, number string) string { return "secv_" + id[len("sec_"):] + "_" + number }

// threefold is a secret with a version in each state: the first is disabled, the second destroyed.
func (k *keeper) threefold(part, note string) {
	k.member(part, note, generic+`,"description":"with everything","labels":{"team":"data","ünïcode":"✓"}`)
	k.append(part, "2")
	k.append(part, "3")
	k.act("disable-secret-version", part, "1")
	k.act("destroy-secret-version", part, "2")
	k.tick()
	k.call("update-secret", request{id: k.cast[part].ID, headers: with("if-match", k.etag(part)),
		body: body(`{"mime_type":"text/plain","version_aliases":{"stable":3,"old":1}}`)}).want(200)
}

func (s *service) etagOf(id string) string {
	s.t.Helper()
	return s.call("get-secret", request{id: id}).want(200).str("etag")
}

func (k *keeper) etag(part string) string { return k.etagOf(k.cast[part].ID) }

func (k *keeper) actives() {
	k.member("plain", "made, and left alone", generic)
	k.threefold("threefold", "versions: 1 disabled, 2 destroyed, 3 enabled; labels and aliases")
	k.member("aws", "with an access key's id", `,"kind":"cloud_provider/aws","aws_access_key_id":"AKIA0000"`)
	k.member("registry", "with a user's name", `,"kind":"oci_registry","username":"robot"`)
	k.member("webhook", "signs webhooks", `,"kind":"webhook_signing"`)
	k.member("destroyed", "its only version is destroyed", generic)
	k.act("destroy-secret-version", "destroyed", "1")
	k.member("reenabled", "its version is disabled, and enabled under the key enable-1", generic)
	k.act("disable-secret-version", "reenabled", "1")
	k.act("enable-secret-version", "reenabled", "1", "idempotency-key", "enable-1")
	for part, v := range map[string]store.ValidationResult{
		"valid":      {Verdict: &secret.Validation{State: secret.ValidationValid, ValidatedAt: k.now}, Next: k.now.Add(24 * time.Hour)},
		"invalid":    {Verdict: &secret.Validation{State: secret.ValidationInvalid, ValidatedAt: k.now, Error: "refused"}, Next: k.now.Add(24 * time.Hour)},
		"unanswered": {Failures: 3, Next: k.now.Add(time.Minute)},
	} {
		ref := secret.Ref{Workspace: workspace, ID: k.member(part, "a credential: "+part, `,"kind":"cloud_provider/hcloud"`)}
		found, err := k.owner().GetSecret(k.t.Context(), ref, k.now)
		k.must(err)
		written, err := k.owner().RecordValidation(k.t.Context(), store.DueSecret{Ref: ref, At: found.CreatedAt}, found, v)
		if k.must(err); !written {
			k.t.Fatalf("%s: not written", part)
		}
	}
}

func (k *keeper) remove(part string) {
	k.t.Helper()
	k.tick()
	k.call("delete-secret", request{id: k.cast[part].ID, headers: with("if-match", k.etag(part))}).want(204)
}

func (k *keeper) undelete(part string, headers ...string) {
	k.t.Helper()
	k.tick()
	headers = append(headers, "if-match", k.etag(part))
	k.call("undelete-secret", request{id: k.cast[part].ID, headers: with(headers...)}).want(200)
}

func (k *keeper) deletions() {
	k.threefold("deleted", "as threefold, and soft-deleted")
	k.remove("deleted")
	k.member("deleted credential", "a credential, soft-deleted", `,"kind":"cloud_provider/hcloud"`)
	k.remove("deleted credential")
	k.member("deleted twice", "soft-deleted, undeleted under the key undelete-2, soft-deleted again", generic)
	k.remove("deleted twice")
	k.undelete("deleted twice", "idempotency-key", "undelete-2")
	k.remove("deleted twice")
	k.threefold("undeleted", "as threefold, soft-deleted, and undeleted under the key undelete-1")
	k.remove("undeleted")
	k.undelete("undeleted", "idempotency-key", "undelete-1")
	k.member("undeleted plainly", "soft-deleted, and undeleted without a key", generic)
	k.remove("undeleted plainly")
	k.undelete("undeleted plainly")
}

// purges are secrets whose end has begun.
func (k *keeper) purges() {
	k.member("forced", "marked by a hard delete that did not come to its end", generic)
	by := secret.Stamp{Operation: "delete-secret", Principal: "tok_x", RequestID: "r", InvocationID: "i-forced", At: k.now}
	k.must(k.owner().MarkForce(k.t.Context(), k.ref("forced"), secret.FirstEtag, by, func() time.Time { return k.now }))
	for _, part := range []string{"due", "scheduled"} {
		k.member(part, "soft-deleted; its deadline is over", generic)
		by := secret.Stamp{Operation: "delete-secret", Principal: "tok_x", RequestID: "r", InvocationID: "i-" + part, At: k.now}
		_, err := k.owner().DeleteSecret(k.t.Context(), k.ref(part), secret.FirstEtag, k.now.Add(time.Second), by)
		k.must(err)
	}
	k.now = k.now.Add(10 * time.Minute)
	by = secret.Stamp{Operation: "purge-due", Principal: "service:purge-due", InvocationID: "i-marked", At: k.now}
	_, err := k.owner().MarkDue(k.t.Context(), k.ref("scheduled"), k.now, by)
	k.must(err)
}

func (k *keeper) ref(part string) secret.Ref {
	return secret.Ref{Workspace: workspace, ID: k.cast[part].ID}
}

// keys are secrets and versions that were made under an idempotency key.
func (k *keeper) keys() {
	k.member("keyed", "made under the key create-1; its version 2 under the key version-1", generic, "idempotency-key", "create-1")
	k.tick()
	k.call("create-secret-version", request{id: k.cast["keyed"].ID, headers: with("idempotency-key", "version-1"), body: body(versionBody)}).want(201)
	k.member("keyed and changed", "made under the key create-2, and renamed", generic, "idempotency-key", "create-2")
	k.tick()
	k.call("update-secret", request{id: k.cast["keyed and changed"].ID, headers: with("if-match", "1"), body: body(`{"name":"renamed"}`)}).want(200)
	k.member("keyed and deleted", "made under the key create-3, and soft-deleted", generic, "idempotency-key", "create-3")
	k.remove("keyed and deleted")
}

const versionBody = `{"value":"of keyed, version 2","comment":"rotated"}`
