package envelope

import (
	"fmt"
	"strconv"

	"keepsake/shared/secret"
)

// bound is how a format binds a payload to its version.
type bound struct {
	// context is KMS's encryption context. KMS writes it into CloudTrail with every use of the data
	// key, and it can limit a role's right to decrypt.
	context map[string]string
	data    []byte // GCM's additional data
}

// bind returns how a payload in this format is bound to b. An error if only newer code knows the format.
func bind(format secret.Format, b secret.Binding) (bound, error) {
	switch format {
	case secret.FormatOne:
		return bound{versionContext(b), []byte(name(b))}, nil
	case secret.FormatTwo:
		return bound{secretContext(b.Ref, b.Kind), []byte(prefixTwo + name(b))}, nil
	}
	return bound{}, fmt.Errorf("the payload is sealed in format %d, which this release does not know: a later one has sealed it", format)
}

// prefixTwo begins the additional data of the second format. With it they have one '#' more than those of
// the first format, so no two payloads of different formats have the same.
const prefixTwo = "keepsake-2#"

// name returns a version's full name and kind. No part can contain a '#'.
func name(b secret.Binding) string {
	return b.Workspace + "#" + b.Ref.ID + "#" + strconv.Itoa(b.Number) + "#" + string(b.Kind)
}

// versionContext is the context of the first format.
func versionContext(b secret.Binding) map[string]string {
	return map[string]string{
		"workspace": b.Workspace,
		"secret":    b.Ref.ID,
		"version":   strconv.Itoa(b.Number),
		"kind":      string(b.Kind),
	}
}

// secretContext is the context of the second format. It is known before the secret is read, apart from
// the kind.
func secretContext(of secret.Ref, kind secret.Kind) map[string]string {
	context := map[string]string{"workspace": of.Workspace, "secret": of.ID}
	if kind = namedKind(kind); kind != "" {
		context["kind"] = string(kind)
	}
	return context
}

// namedKind returns the kind if KMS is told it, else nothing. It is told the kinds that a job opens in
// the background: that job's role may open no others.
func namedKind(kind secret.Kind) secret.Kind {
	if kind.Validated() {
		return kind
	}
	return ""
}
