package api_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot/keys"
	"keepsake/shared/secret"
)

// holder stands between an operation and what it passes plaintexts to, and keeps their bytes.
type holder struct {
	sealer api.Sealer
	prints api.Fingerprinter
	opener api.Opener

	mu   sync.Mutex // sealing and fingerprinting go on at the same time
	kept map[string][]byte
}

func (k *holder) keep(name string, b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept[name] = b
}

// NewKey makes a key even if it is no longer wanted, as KMS does if the response is already on its way.
func (k *holder) NewKey(ctx context.Context, of secret.Ref, kind secret.Kind) (secret.DataKey, error) {
	key, err := k.sealer.NewKey(context.WithoutCancel(ctx), of, kind)
	k.keep("the data key of kind "+string(key.Kind), key.Plain.Bytes())
	return key, err
}

func (k *holder) Seal(key secret.DataKey, b secret.Binding, p secret.Payload) (secret.Sealed, error) {
	k.keep("what was sealed", p.Value.Bytes())
	return k.sealer.Seal(key, b, p)
}

func (k *holder) Open(ctx context.Context, b secret.Binding, sealed secret.Sealed) (secret.Payload, error) {
	p, err := k.opener.Open(ctx, b, sealed)
	k.keep("what was opened", p.Value.Bytes())
	return p, err
}

func (k *holder) Validate(_ context.Context, token secret.Value) (bool, string, error) {
	k.keep("what was validated", token.Bytes())
	return true, "", nil
}

// anyKind is the name under which the holder keeps a data key for a secret whose kind KMS is not told.
const anyKind = "the data key of kind "

// printing keeps the request that is fingerprinted.
type printing struct{ *holder }

func (p printing) Fingerprint(ctx context.Context, request []byte) ([]byte, error) {
	p.keep("what was fingerprinted", request)
	return p.prints.Fingerprint(ctx, request)
}

// wiped runs an operation and checks that it has overwritten the plaintexts of these names.
func (k *holder) wiped(t *testing.T, respond func() api.Result, status int, names ...string) {
	t.Helper()
	t.Helper()
	k.kept = map[string][]byte{}
	if got := respond(); got.StatusCode != status {
		t.Fatalf("%d %s", got.StatusCode, got.Body)
	}
	for _, name := range names {
		kept := k.kept[name]
		if len(kept) == 0 || !bytes.Equal(kept, make([]byte, len(kept))) {
			t.Errorf("%s is still in memory: %d bytes", name, len(kept))
		}
	}
}

func TestPlaintextsAreWipedBehindEachOperation(t *testing.T) {
	s := start(t)
	edge := func(operation string) api.Edge {
		e := s.as(operation).Edge()
		e.Now, e.Log = func() time.Time { return s.now }, slogTo(&s.log)
		return e
	}
	create, version, access := s.as("create-secret"), s.as("create-secret-version"), s.as("access-secret-version")
	k := &holder{sealer: keys.Sealer(create), prints: keys.Fingerprinter(create), opener: keys.Opener(access)}
	respond := func(h api.Handler, operation string, r request) func() api.Result {
		return func() api.Result {
			response, _ := h(t.Context(), s.event(operation, r))
			return response
		}
	}
	key := with("idempotency-key", "k")
	creating := api.CreateSecret(edge("create-secret"), create.Secrets(), create.Trail(), k, printing{k}, "")
	k.wiped(t, respond(creating, "create-secret", request{headers: key, body: body(createBody)}), 201, "what was sealed", "what was fingerprinted", anyKind)

	id := s.create()
	k.sealer, k.prints = keys.Sealer(version), keys.Fingerprinter(version)
	appending := api.CreateSecretVersion(edge("create-secret-version"), version.Secrets(), version.Trail(), k, printing{k})
	r := request{id: id, headers: with("idempotency-key", "l"), body: body(`{"value":"` + plaintext + `"}`)}
	k.wiped(t, respond(appending, "create-secret-version", r), 201, "what was sealed", "what was fingerprinted", anyKind)

	r.id, r.headers = s.createOf("cloud_provider/hcloud"), with()
	k.wiped(t, respond(appending, "create-secret-version", r), 201, "what was sealed", anyKind, anyKind+"cloud_provider/hcloud")

	r.id = "sec_00000000000000000000000000"
	k.wiped(t, respond(appending, "create-secret-version", r), 404, anyKind)

	accessing := api.AccessSecretVersion(edge("access-secret-version"), access.Secrets(), access.Trail(), k, nil)
	k.wiped(t, respond(accessing, "access-secret-version", request{id: id}), 200, "what was opened")

	validating := api.ValidateToken(edge("validate-token"), k)
	k.wiped(t, respond(validating, "validate-token", request{body: tokenBody(providersToken)}), 200, "what was validated")
}

func TestAPlaintextIsWipedWhenItsAuditLineCannotBeWritten(t *testing.T) {
	s := start(t)
	id := s.create()
	access := s.as("access-secret-version")
	edge := access.Edge()
	edge.Now, edge.Log = func() time.Time { return s.now }, slogTo(&s.log)
	k := &holder{opener: keys.Opener(access)}
	accessing := api.AccessSecretVersion(edge, access.Secrets(), access.Trail(), k, nil)
	s.refuse("PutItem")
	k.wiped(t, func() api.Result {
		response, _ := accessing(t.Context(), s.event("access-secret-version", request{id: id}))
		if strings.Contains(response.Body, plaintext) {
			t.Error("the value is in the response")
		}
		return response
	}, 503, "what was opened")
}

func TestAScopeThatIsMissingLeavesAValueSealed(t *testing.T) {
	s := start(t)
	id := s.create()
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read, auth.Write}})
	s.cloud.ResetCalls()
	s.call("access-secret-version", request{id: id}).fault(403, 7004)
	for _, call := range s.cloud.Calls() {
		if call == "kms:Decrypt" {
			t.Error("the value was opened")
		}
	}
}

// KMS writes the id of a secret into CloudTrail: a client may have put anything in its place by mistake.
func TestAVersionOfWhatCannotBeASecretAsksNobody(t *testing.T) {
	s := start(t)
	version := s.as("create-secret-version")
	edge := version.Edge()
	edge.Now, edge.Log = func() time.Time { return s.now }, slogTo(&s.log)
	k := &holder{sealer: keys.Sealer(version), prints: keys.Fingerprinter(version), kept: map[string][]byte{}}
	appending := api.CreateSecretVersion(edge, version.Secrets(), version.Trail(), k, printing{k})
	for _, id := range []string{"sec_", "hunter2", "sec_hunter2!", "SEC_hunter2"} {
		r := request{id: id, headers: with("idempotency-key", "k"), body: body(`{"value":"x"}`)}
		if got, _ := appending(t.Context(), s.event("create-secret-version", r)); got.StatusCode != 404 || len(k.kept) > 0 {
			t.Errorf("%s: %d, after asking KMS %d times", id, got.StatusCode, len(k.kept))
		}
	}
}
