package stream

import (
	"encoding/json"
	"strings"
	"testing"
)

// expiry is what DynamoDB writes when it deletes an expired metadata row.
const expiry = `{"eventName":"REMOVE","userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},
	"dynamodb":{"SizeBytes":120,"Keys":{"pk":{"S":"ws_a#sec_1"},"sk":{"S":"meta"}},
	"OldImage":{"gone":{"NULL":true},"tags":{"SS":["a","b"]},"count":{"N":"7"},"enabled":{"BOOL":false}},"Nothing":null}}`

func TestAFilterTakesWhatItDescribes(t *testing.T) {
	for filter, want := range map[string]bool{
		`{"eventName":["REMOVE"],"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]},"dynamodb":{"Keys":{"sk":{"S":["meta"]}}}}`: true,

		`{"eventName":["REMOVE"]}`:                               true,
		`{"eventName":["INSERT"]}`:                               false,
		`{"eventName":["remove"]}`:                               false,
		`{"eventName":["INSERT","REMOVE"]}`:                      true,
		`{"eventName":["REMOVE"],"eventID":["1"]}`:               false,
		`{"userIdentity":["Service"]}`:                           false,
		`{"eventName":{"type":["Service"]}}`:                     false,
		`{"dynamodb":{"SizeBytes":[120]}}`:                       true,
		`{"dynamodb":{"SizeBytes":[1.2e2]}}`:                     true,
		`{"dynamodb":{"SizeBytes":["120"]}}`:                     false,
		`{"dynamodb":{"OldImage":{"count":{"N":["7"]}}}}`:        true,
		`{"dynamodb":{"OldImage":{"count":{"N":[7]}}}}`:          false,
		`{"dynamodb":{"OldImage":{"enabled":{"BOOL":[false]}}}}`: true,
		`{"dynamodb":{"OldImage":{"enabled":{"BOOL":[true]}}}}`:  false,
		`{"dynamodb":{"Nothing":[null]}}`:                        true,
		`{"dynamodb":{"Missing":[null]}}`:                        false,
		`{"dynamodb":{"OldImage":{"tags":{"SS":["b"]}}}}`:        true,
		`{"dynamodb":{"OldImage":{"tags":{"SS":["c"]}}}}`:        false,

		`{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"ws_a#"}]}}}}`:            true,
		`{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"ws_b#"}]}}}}`:            false,
		`{"dynamodb":{"Keys":{"pk":{"S":["x",{"prefix":""}]}}}}`:             true,
		`{"dynamodb":{"SizeBytes":[{"prefix":"1"}]}}`:                        false,
		`{"dynamodb":{"Keys":{"sk":{"S":[{"anything-but":["meta","x"]}]}}}}`: false,
		`{"dynamodb":{"Keys":{"sk":{"S":[{"anything-but":"v#1"}]}}}}`:        true,
		`{"dynamodb":{"SizeBytes":[{"anything-but":[120]}]}}`:                false,
		`{"dynamodb":{"Missing":[{"anything-but":["x"]}]}}`:                  false,
		`{"dynamodb":{"Keys":[{"anything-but":["x"]}]}}`:                     false,

		`{"userIdentity":{"type":[{"exists":true}]}}`:                  true,
		`{"userIdentity":{"type":[{"exists":false}]}}`:                 false,
		`{"dynamodb":{"NewImage":{"pk":{"S":[{"exists":false}]}}}}`:    true,
		`{"dynamodb":{"OldImage":{"absent":{"S":[{"exists":true}]}}}}`: false,
		`{"dynamodb":{"Keys":[{"exists":true}]}}`:                      false, // only leaves exist
		`{"eventName":["INSERT",{"exists":true}]}`:                     true,
	} {
		p, err := parsePattern(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		var whole any
		if err := json.Unmarshal([]byte(expiry), &whole); err != nil {
			t.Fatal(err)
		}
		if got := p.takes(whole, true); got != want {
			t.Errorf("%s takes it: %v", filter, got)
		}
	}
}

func TestAFilterThatIsNotUnderstoodIsRefused(t *testing.T) {
	for filter, want := range map[string]string{
		``:                                     "not a JSON object",
		`[]`:                                   "not a JSON object",
		`{"a":["b"]`:                           "not a JSON object",
		`{}`:                                   "is empty",
		`{"a":{}}`:                             "a: an object in it is empty",
		`{"a":[]}`:                             "a: the list is empty",
		`{"a":"b"}`:                            "a: a value stands in a list",
		`{"a":{"b":7}}`:                        "a: b: a value stands in a list",
		`{"a":[["b"]]}`:                        "a list in a list",
		`{"a":[{}]}`:                           "an operator stands alone",
		`{"a":[{"prefix":"b","exists":true}]}`: "an operator stands alone",
		`{"a":[{"prefix":7}]}`:                 "does not know prefix of 7",
		`{"a":[{"exists":"yes"}]}`:             "does not know exists of yes",
		`{"a":[{"suffix":"b"}]}`:               "does not know suffix",
		`{"a":[{"numeric":[">",1]}]}`:          "does not know numeric",
		`{"a":[{"equals-ignore-case":"b"}]}`:   "does not know equals-ignore-case",
		`{"a":[{"anything-but":[]}]}`:          "anything-but of nothing",
		`{"a":[{"anything-but":{"prefix":"b"}}]}`: "does not know anything-but",
		`{"a":[{"anything-but":[true]}]}`:         "does not know anything-but",
		`{"$or":[{"a":["b"]}]}`:                   "does not know $or",
	} {
		if _, err := parsePattern(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", filter, err, want)
		}
	}
}
