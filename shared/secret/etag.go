package secret

import "strconv"

// Etag is the revision of one secret or one version, and with that its entity tag: it grows by
// one with every change, through delete and undelete too, and is never used again.
type Etag int64

// NoEtag is equal to no resource's etag.
const NoEtag Etag = -1

// FirstEtag is the etag of a secret that has just been made.
const FirstEtag Etag = 1

// versionEtags is how many etags each version has for itself.
const versionEtags = 1_000_000_000

// FirstEtag is the etag of v when it has just been made. No two versions of a secret ever have the
// same: who polls "latest" with the etag of the last answer must not be told that nothing changed
// when another version has taken its place.
func (v VersionRef) FirstEtag() Etag { return Etag(v.Number)*versionEtags + FirstEtag }

// ParseEtag reads what String wrote; anything else is NoEtag, which matches nothing.
func ParseEtag(s string) Etag {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < int64(FirstEtag) || Etag(n).String() != s {
		return NoEtag
	}
	return Etag(n)
}

// String is the etag as clients see it: opaque to them.
func (e Etag) String() string { return strconv.FormatInt(int64(e), 10) }
