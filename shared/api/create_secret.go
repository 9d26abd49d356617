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

// CreateSecret is secrets.create: it stores a secret's metadata and its first version. A key that is
// used again with another request leaves an audit line: that could be an attempt to guess the value
// stored under the key.
func CreateSecret(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter, d Dashboard) Handler {
	return operation[createRequest]{
		name: "create-secret", scope: auth.Write, read: readCreate,
		act: func(ctx context.Context, c *Call, r createRequest) (Response, error) {
			new := r.secret(c)
			key, remember, err := inParallel(
				func() (secret.DataKey, error) { return sealer.NewKey(ctx, new.Ref, new.Kind) },
				func() (*store.Key, error) { return fingerprint(ctx, prints, r.key, r.canonical(c.Workspace)) },
			)
			defer key.Wipe()
			if err != nil {
				return Response{}, err
			}
			sealed, err := sealer.Seal(key, new.Binding(1), r.payload)
			if err != nil {
				return Response{}, err
			}
			made, err := secrets.CreateSecret(ctx, new, sealed, remember, c.Stamp())
			if err != nil {
				return Response{}, noteReuse(ctx, c, trail, err)
			}
			c.about = made.ID
			return d.seenBy(c).response(http.StatusCreated, made), nil
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

// refuseForKind returns an error if value is too short for the secret's kind, else nil. An empty value
// has another fault already.
func refuseForKind(kind secret.Kind, value secret.Value) *fault.Error {
	if n := utf8.RuneCount(value.Bytes()); kind == secret.WebhookSigning && n > 0 && n < secret.MinWebhookSigningValue {
		return fault.NewInvalid("must have at least 16 characters to sign webhooks", "body", "value")
	}
	return nil
}

// secret returns the metadata of the secret to create.
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

// canonical returns what two creates have in common if they are the same request.
func (r createRequest) canonical(workspace string) canonical {
	return canonical{
		"create-secret", workspace, r.name, r.kind, r.description, r.labels,
		r.payload.AWSAccessKeyID, r.payload.Username, r.payload.Value.Bytes(),
	}
}
