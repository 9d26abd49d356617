package secret

import "slices"

// Kind says what a secret is for.
type Kind string

// The kinds. CloudCredential exists in old data only: none is made any more.
const (
	HCloud          Kind = "cloud_provider/hcloud"
	AWS             Kind = "cloud_provider/aws"
	GCP             Kind = "cloud_provider/gcp"
	Azure           Kind = "cloud_provider/azure"
	OCIRegistry     Kind = "oci_registry"
	CloudflareAPI   Kind = "cloudflare_api"
	WebhookSigning  Kind = "webhook_signing"
	Generic         Kind = "generic"
	CloudCredential Kind = "cloud_credential"
)

// Kinds are those that a new secret may have.
var Kinds = []Kind{HCloud, AWS, GCP, Azure, OCIRegistry, CloudflareAPI, WebhookSigning, Generic}

// MinWebhookSigningValue is the shortest value, in characters, that can sign a webhook.
const MinWebhookSigningValue = 16

// Creatable reports whether a new secret may be of kind k.
func (k Kind) Creatable() bool { return slices.Contains(Kinds, k) }

// IsCredential reports whether a provider can say if a value of kind k is valid.
func (k Kind) IsCredential() bool {
	switch k {
	case HCloud, AWS, GCP, Azure, OCIRegistry, CloudflareAPI:
		return true
	}
	return false
}

// Validated reports whether the service asks the provider about values of kind k by itself.
func (k Kind) Validated() bool { return k == HCloud }
