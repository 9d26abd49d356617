package secret

import "slices"

// Kind says what a secret is for.
type Kind string

// The kinds. CloudCredential exists only in old data: a new secret cannot have it.
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

// Kinds lists the kinds that a new secret may have.
var Kinds = []Kind{HCloud, AWS, GCP, Azure, OCIRegistry, CloudflareAPI, WebhookSigning, Generic}

// MinWebhookSigningValue is the shortest value, in characters, that can sign a webhook.
const MinWebhookSigningValue = 16

// Creatable reports whether a new secret may have kind k.
func (k Kind) Creatable() bool { return slices.Contains(Kinds, k) }

// IsCredential reports whether values of kind k are credentials for a provider, which could validate
// them.
func (k Kind) IsCredential() bool {
	switch k {
	case HCloud, AWS, GCP, Azure, OCIRegistry, CloudflareAPI:
		return true
	}
	return false
}

// Validated reports whether the service itself asks the provider about values of kind k, on a schedule.
func (k Kind) Validated() bool { return k == HCloud }
