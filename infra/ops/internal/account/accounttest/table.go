package accounttest

import (
	"encoding/json"
	"net/http"
)

// Table is a DynamoDB table.
type Table struct {
	TTL       string // DISABLED, ENABLING, ENABLED …
	Attribute string // that rows expire by
	Stream    string // the ARN of its stream; empty: none
}

// Mapping is an event source mapping of a function.
type Mapping struct {
	Stream, Function, State string // ARNs, but for the state
	Patterns                []string
	FilterError             string // its code; empty: none
}

// fields is a JSON object.
type fields map[string]any

func (a *Account) table(r *http.Request) Table {
	var asked struct{ TableName string }
	_ = json.NewDecoder(r.Body).Decode(&asked) // a body that cannot be decoded names no table
	return a.Tables[asked.TableName]
}

func (t Table) describe() fields {
	described := fields{"TableStatus": "ACTIVE"}
	if t.Stream != "" {
		described["LatestStreamArn"] = t.Stream
	}
	return fields{"Table": described}
}

func (t Table) expiry() fields {
	described := fields{"TimeToLiveStatus": t.TTL}
	if t.Attribute != "" {
		described["AttributeName"] = t.Attribute
	}
	return fields{"TimeToLiveDescription": described}
}

func (a *Account) mappings(stream string) fields {
	all := []fields{}
	for _, m := range a.Mappings {
		if m.Stream != stream {
			continue
		}
		filters := []fields{}
		for _, pattern := range m.Patterns {
			filters = append(filters, fields{"Pattern": pattern})
		}
		described := fields{"EventSourceArn": m.Stream, "FunctionArn": m.Function, "State": m.State, "FilterCriteria": fields{"Filters": filters}}
		if m.FilterError != "" {
			described["FilterCriteriaError"] = fields{"ErrorCode": m.FilterError, "Message": "as the test says"}
		}
		all = append(all, described)
	}
	return fields{"EventSourceMappings": all}
}

// respondJSON writes a result as AWS's JSON protocols do.
func (a *Account) respondJSON(w http.ResponseWriter, action string, result fields) {
	if refusal, ok := a.Refusals[action]; ok {
		w.Header().Set("X-Amzn-Errortype", refusal.Code)
		w.WriteHeader(refusal.Status)
		result = fields{"__type": refusal.Code, "message": refusal.Message}
	}
	_ = json.NewEncoder(w).Encode(result) // the caller may have gone
}
