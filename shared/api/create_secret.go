package api

import (
	"context"
	"net/http"
	"unicode/utf8"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// CreateSecret is secrets.create: it stores a secret's metadata and its first version. If a key comes
// again with another request, that leaves an audit line: a caller could guess the value that was stored
// under the key.
func CreateSecret(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter, d Dashboard) Handler {
	return operation[createRequest]{
		name: "create-secret", scope: auth.Write, read: readCreate,
		act: func(ctx context.Context, c *Call, r createRequest) (Response, error) {
			new := r.secret(c)
			sealed, remember, err := inParallel(
				func() (secret.Sealed, error) { return sealer.Seal(ctx, new.Binding(1), r.payload) },
				func() (*store.Key, error) { return fingerprint(ctx, prints, r.key, r.canonical(c.Workspace)) },
			)
			if err != nil {
				return Response{}, err
			}
			made, err := secrets.CreateSecret(ctx, new, sealed, remember, c.Stamp())
			if err != nil {
				return Response{}, noteReuse(ctx, c, trail, err)
			}
			c.created = made.ID
			return d.response(http.StatusCreated, made), nil
		},
	}.handler(e)
}

type createRequest struct {
	key string // empty: none
	createBody
}

func readCreate(in *input) createRequest {
	return createRequest{in.IdempotencyKey(), readCreateBody(in)}
}

// refuseForKind says that a value is too short for the secret's kind; nil if it is not. An empty value
// has another fault already.
func refuseForKind(kind secret.Kind, value secret.Value) *fault.Error {
	if n := utf8.RuneCount(value.Bytes()); kind == secret.WebhookSigning && n > 0 && n < secret.MinWebhookSigningValue {
		return fault.NewInvalid("must have at least 16 characters to sign webhooks", "body", "value")
	}
	return nil
}

// secret is the metadata of the secret that the request asks for.
func (r createRequest) secret(c *Call) secret.Secret {
	new := secret.Secret{
		Ref:  secret.NewRef(c.Workspace, c.Now),
		Name: r.name, Kind: r.kind, Description: r.description, Labels: r.labels,
		State: secret.Active, VersionCount: 1, EnabledVersionCount: 1,
		CreatedAt: c.Now, UpdatedAt: c.Now, Etag: secret.FirstEtag,
	}
	if r.kind.IsCredential() {
		new.Validation = &secret.Validation{State: secret.ValidationUnspecified, ValidatedAt: c.Now}
	}
	return new
}

// canonical is what makes two creates the same request.
func (r createRequest) canonical(workspace string) canonical {
	return canonical{
		"create-secret", workspace, r.name, r.kind, r.description, r.labels,
		r.payload.AWSAccessKeyID, r.payload.Username, r.payload.Value.Bytes(),
	}
}
