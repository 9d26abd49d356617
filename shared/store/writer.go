package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// A writer that names the revision it has seen leaves a mark of 16 bytes on the row: the revision
// that it made, and which run of a function made it. The marks stand in a ring of attributes, each
// in the place that its revision says, so that the row tells about its last revisions who made them.
//
// That answers a writer whose answer was lost on the way and who, by the time that it sends its
// write again, has been overtaken by others: its condition fails, and the mark says that it had held.
const (
	ringPrefix = "w" // short: a row that is to cost one unit has 1 KB for all that it holds
	ringSize   = 8
)

// writer is one write that makes a revision of a row.
type writer struct {
	revision secret.Etag // the one that it makes
	run      string      // the function's run that makes it
}

// attribute is the attribute that w's mark stands in.
func (w writer) attribute() string { return ringPrefix + strconv.Itoa(int(w.revision)%ringSize) }

// mark is the revision in eight bytes, and eight of the run's hash.
func (w writer) mark() []byte {
	sum := sha256.Sum256([]byte(w.run))
	return append(binary.BigEndian.AppendUint64(nil, uint64(w.revision)), sum[:8]...)
}

// verdict is what a row says about a write that it has refused.
type verdict int

const (
	notMine   verdict = iota // the write has not been carried out
	mine                     // it had been, and others have changed the row since
	forgotten                // the row has seen too many changes since to tell
)

// verdict reads the row for w.
func (w writer) verdict(row item) verdict {
	mark, ok := row[w.attribute()].(*types.AttributeValueMemberB)
	switch {
	case !ok || len(mark.Value) < 8: // by code that left no marks, or nobody has got so far
		return notMine
	case bytes.Equal(mark.Value, w.mark()):
		return mine
	case secret.Etag(binary.BigEndian.Uint64(mark.Value)) > w.revision:
		return forgotten
	}
	return notMine
}
