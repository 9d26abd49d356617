// Package trace runs operations of the real service against the DynamoDB engine, and notes which keys each
// touches: the partition key and the sort key in each table and global index, and the capacity units there.
package trace

import "strings"

// Trace is what one invocation asked of each key.
type Trace struct {
	Case    string // such as "create"
	KMS     int    // calls
	Touches []Touch
}

// Touch is what an invocation asked of one key. Ids, names and times are spelled as words in braces, such as
// {workspace} and {secret}, so that equal operations leave equal traces.
type Touch struct {
	Place       string // a table, or a table and a global index: "SecretsTable", "SecretsTable/list"
	Key, Sort   string
	Read, Write float64 // units; what local indexes took is in those of the key, whose partition they share
	Twice       float64 `json:",omitempty"` // units more if AWS counts a transaction's index entries twice, as it counts its rows
	Later       bool    `json:",omitempty"` // record-changes does it, a moment after the response
}

// The words that stand for what differs from one call to the next.
const (
	Workspace = "{workspace}"
	Secret    = "{secret}"     // the one that the operation is about
	Fresh     = "{new secret}" // one that the operation makes
	Other     = "{another secret, %d}"
	Name      = "{name}"
	Token     = "{token}"
	NoToken   = "{no token}" // whose row a container asks for while it starts, to open a connection
	Key       = "{idempotency key}"
	Shard     = "{shard}"
	Deadline  = "{deadline}"
	Time      = "{time}"
	Start     = "{start}" // a Query reads from the first entry on
	End       = "{end}"   // a Query reads backwards from the last entry on
)

// merge adds a touch to those of the same key.
func merge(all []Touch, t Touch) []Touch {
	for i, a := range all {
		if a.Place == t.Place && a.Key == t.Key && a.Sort == t.Sort && a.Later == t.Later {
			all[i].Read += t.Read
			all[i].Write += t.Write
			all[i].Twice += t.Twice
			return all
		}
	}
	return append(all, t)
}

// Has reports whether a word is in any of the trace's keys.
func (t Trace) Has(word string) bool {
	for _, touch := range t.Touches {
		if strings.Contains(touch.Key+touch.Sort, word) {
			return true
		}
	}
	return false
}
