package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

const (
	idPrefix        = "sec_"
	versionIDPrefix = "secv_"
)

// sortable is Crockford's base 32 in lower case. Its digits ascend, so encoded bytes sort as the
// bytes do, and no digit looks like another.
var sortable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Sortable returns 26 characters that sort by now, to the millisecond, and are otherwise random
// (80 bits).
func Sortable(now time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<16)
	rand.Read(id[6:]) // never fails: crypto/rand ends the program rather than return an error
	return sortable.EncodeToString(id[:])
}

// SortableFrom is Sortable with a hash of seed in place of the random part: equal arguments give
// equal results.
func SortableFrom(at time.Time, seed string) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	sum := sha256.Sum256([]byte(seed))
	copy(id[6:], sum[:])
	return sortable.EncodeToString(id[:])
}

// FirstSortable returns the first, in their order, of all that Sortable can return for that millisecond.
func FirstSortable(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return sortable.EncodeToString(id[:])
}

// Ref names a secret. The workspace is part of the name, so no request can even name a secret of
// another workspace.
type Ref struct {
	Workspace string // ws_…, at most 53 characters
	ID        string // sec_…, at most 54 characters
}

// NewRef returns a new name, for a secret that does not exist yet.
func NewRef(workspace string, now time.Time) Ref {
	return Ref{Workspace: workspace, ID: idPrefix + Sortable(now)}
}

// Plausible reports whether r has the form of a secret's id. If not, it needs no look-up. The form is
// wider than what NewRef makes, and keeps every character out that means something in a key.
func (r Ref) Plausible() bool {
	rest, ok := strings.CutPrefix(r.ID, idPrefix)
	return ok && IsPlain(rest, 50, "")
}

// IsPlain reports whether text has 1 to max characters, each of which is a letter or a digit of ASCII or
// one of also.
func IsPlain(text string, max int, also string) bool {
	for _, c := range []byte(text) {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', strings.IndexByte(also, c) >= 0:
		default:
			return false
		}
	}
	return 1 <= len(text) && len(text) <= max
}

// Version returns the name of r's version with that number.
func (r Ref) Version(number int) VersionRef { return VersionRef{Ref: r, Number: number} }

// ParseVersionID returns the version of r that id names, without a look-up. It returns false if id
// cannot name a version of r.
func (r Ref) ParseVersionID(id string) (VersionRef, bool) {
	digits, ok := strings.CutPrefix(id, r.versionStem())
	if !ok {
		return VersionRef{}, false
	}
	number, err := strconv.Atoi(digits)
	v := r.Version(number)
	return v, err == nil && number >= 1 && v.ID() == id
}

// IsVersionID reports whether text looks like the id of a version of any secret.
func IsVersionID(text string) bool { return strings.HasPrefix(text, versionIDPrefix) }

// versionStem returns the part of r's version ids before the number.
func (r Ref) versionStem() string {
	return versionIDPrefix + strings.TrimPrefix(r.ID, idPrefix) + "_"
}

// VersionRef names a version of a secret.
type VersionRef struct {
	Ref
	Number int // from 1, without gaps
}

// ID returns the version's public id: secv_, the secret's own characters, an underscore, the number.
func (v VersionRef) ID() string { return v.versionStem() + strconv.Itoa(v.Number) }
