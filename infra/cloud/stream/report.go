package stream

import (
	"bytes"
	"encoding/json"
	"slices"
)

// worked counts how many records from the front of the batch a function's answer calls done; then
// the first that failed follows. AWS documents what counts as a success of all (no answer, none
// reported) and of none (an identifier that names no record of the batch).
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func worked(answer []byte, batch []item) int {
	if answer = bytes.TrimSpace(answer); len(answer) == 0 {
		return len(batch)
	}
	var said map[string]json.RawMessage // keys as they are written: others count for nothing
	if json.Unmarshal(answer, &said) != nil {
		return 0
	}
	var failures []map[string]any
	if list, has := said["batchItemFailures"]; has && json.Unmarshal(list, &failures) != nil {
		return 0
	}
	first := len(batch)
	for _, failure := range failures {
		i := slices.IndexFunc(batch, func(it item) bool { return failure["itemIdentifier"] == it.sequence })
		first = min(first, max(i, 0))
	}
	return first
}
