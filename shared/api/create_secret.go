package api

import (
	"context"
	"net/http"
	"unicode/utf8"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// CreateSecret is secrets.create: it stores a secret's metadata and its first version. A key that is
// used again with another request leaves an audit line: whether a value was the one stored under it
// can be guessed so.
func CreateSecret(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter, d Dashboard) Handler {
	return e.handler("create-secret", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		key, request := c.IdempotencyKey(), readCreateRequest(c)
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		defer request.payload.Value.Wipe()
		new := request.secret(c)
		sealed, remember, err := both(
			func() (secret.Sealed, error) { return sealer.Seal(ctx, new.Binding(1), request.payload) },
			func() (*store.Key, error) { return fingerprint(ctx, prints, key, request.canonical(c.Workspace)) },
		)
		if err != nil {
			return Answer{}, err
		}
		made, err := secrets.CreateSecret(ctx, new, sealed, remember, c.Stamp())
		if err != nil {
			return Answer{}, noteReuse(ctx, c, trail, err)
		}
		c.created = made.ID
		return d.answer(http.StatusCreated, made), nil
	})
}

// createRequest is the body of a create.
type createRequest struct {
	name, description string
	kind              secret.Kind
	labels            map[string]string
	payload           secret.Payload
}

// The bounds of a create's fields, in characters.
const (
	maxName        = 200
	maxDescription = 500
	maxCredential  = 256 // aws_access_key_id and username: the contract sets no bound
)

func readCreateRequest(c *Call) createRequest {
	body := c.Body()
	defer body.End("aws_access_key_id", "username")
	r := createRequest{
		name:        body.Text("name", 1, maxName),
		kind:        readKind(body),
		description: body.Text("description", 0, maxDescription),
		labels:      body.Labels("labels"),
	}
	r.payload.Value = body.Value("value")
	// Taken only where they belong: anywhere else they are unknown fields.
	if r.kind == secret.AWS {
		r.payload.AWSAccessKeyID = body.Text("aws_access_key_id", 0, maxCredential)
	}
	if r.kind == secret.OCIRegistry {
		r.payload.Username = body.Text("username", 0, maxCredential)
	}
	c.fits(r.kind, r.payload.Value)
	return r
}

// fits notes a fault if a value that is none otherwise is too short for the secret's kind.
func (c *Call) fits(kind secret.Kind, value secret.Value) {
	if n := utf8.RuneCount(value.Bytes()); kind == secret.WebhookSigning && n > 0 && n < secret.MinWebhookSigningValue {
		c.invalid("must have at least 16 characters to sign webhooks", "body", "value")
	}
}

func readKind(body *Body) secret.Kind {
	text, ok := body.take("kind", true)
	kind := secret.Kind(text)
	if ok && !kind.Creatable() {
		body.invalid("kind", "must be one of "+list(secret.Kinds))
	}
	return kind
}

// secret is the metadata of what the request asks for.
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
