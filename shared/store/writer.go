package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// A writer that names the revision that it has read leaves a mark of 16 bytes on the row: the revision
// that it made, and the function's run that made it. The marks are a ring of attributes, indexed by
// revision, so the row says who made its last revisions.
//
// It is for a writer whose response was lost. If others changed the row before it sends its write
// again, its condition fails, but its mark shows that the first try succeeded.
const (
	ringPrefix = "w" // short: a row's write costs one unit only up to 1 KB
	ringSize   = 8
)

// writer is one write that makes a revision of a row.
type writer struct {
	revision secret.Etag // the one that it makes
	run      string      // the function's run that makes it
}

// attribute returns the name of the attribute that holds w's mark.
func (w writer) attribute() string { return ringPrefix + strconv.Itoa(int(w.revision)%ringSize) }

// mark returns eight bytes of the revision and eight of the run's hash.
func (w writer) mark() []byte {
	sum := sha256.Sum256([]byte(w.run))
	return append(binary.BigEndian.AppendUint64(nil, uint64(w.revision)), sum[:8]...)
}

// verdict says whether a refused write had been carried out before.
type verdict int

const (
	notMine   verdict = iota // the write was not carried out
	mine                     // it was, and others have changed the row since
	forgotten                // the row has seen too many changes since to tell
)

// verdict reads w's mark on the row.
func (w writer) verdict(row item) verdict {
	mark, ok := row[w.attribute()].(*types.AttributeValueMemberB)
	switch {
	case !ok || len(mark.Value) < 8: // by code that left no marks, or no such revision yet
		return notMine
	case bytes.Equal(mark.Value, w.mark()):
		return mine
	case secret.Etag(binary.BigEndian.Uint64(mark.Value)) > w.revision:
		return forgotten
	}
	return notMine
}
