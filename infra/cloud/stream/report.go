package stream

import (
	"bytes"
	"encoding/json"
	"slices"
)

// worked returns how many records from the front of the batch are done, by the function's response: all
// before the first that it reports as failed. AWS documents what means all (an empty response, no record
// reported) and what means none (an identifier of no record of the batch).
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func worked(response []byte, batch []item) int {
	if response = bytes.TrimSpace(response); len(response) == 0 {
		return len(batch)
	}
	var fields map[string]json.RawMessage // a struct would also take keys in other case
	if json.Unmarshal(response, &fields) != nil {
		return 0
	}
	var failures []map[string]any
	if list, has := fields["batchItemFailures"]; has && json.Unmarshal(list, &failures) != nil {
		return 0
	}
	first := len(batch)
	for _, failure := range failures {
		i := slices.IndexFunc(batch, func(it item) bool { return failure["itemIdentifier"] == it.sequence })
		first = min(first, max(i, 0))
	}
	return first
}
