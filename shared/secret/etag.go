package secret

import "strconv"

// Etag is the revision of one secret or one version, and so its entity tag. Each change, delete and
// undelete included, adds one. A number is never used again.
type Etag int64

// NoEtag matches no resource.
const NoEtag Etag = -1

// FirstEtag is the etag of a new secret.
const FirstEtag Etag = 1

// versionEtags is how many etags each version has to itself.
const versionEtags = 1_000_000_000

// FirstEtag returns the etag of v when it is new. Two versions of a secret never share an etag: a
// client that polls "latest" with its last etag must not get "not modified" if another version has
// become the latest.
func (v VersionRef) FirstEtag() Etag { return Etag(v.Number)*versionEtags + FirstEtag }

// ParseEtag reads what String wrote. It returns NoEtag for anything else.
func ParseEtag(s string) Etag {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < int64(FirstEtag) || Etag(n).String() != s {
		return NoEtag
	}
	return Etag(n)
}

// String returns the etag as clients see it. To them it is opaque.
func (e Etag) String() string { return strconv.FormatInt(int64(e), 10) }
