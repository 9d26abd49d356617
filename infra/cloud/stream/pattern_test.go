package stream

import (
	"encoding/json"
	"strings"
	"testing"
)

// expiry is the record of a row that DynamoDB deletes because it has expired.
const expiry = `{"eventName":"REMOVE","userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},
	"dynamodb":{"SizeBytes":120,"Keys":{"pk":{"S":"a#1"},"sk":{"S":"meta"}},
	"OldImage":{"gone":{"NULL":true},"tags":{"SS":["a","b"]},"count":{"N":"7"},"enabled":{"BOOL":false}},"Nothing":null}}`

func TestAFilterTakesWhatItDescribes(t *testing.T) {
	for filter, want := range map[string]bool{
		`{"eventName":["REMOVE"],"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]},"dynamodb":{"Keys":{"sk":{"S":["meta"]}}}}`: true,

		`{"eventName":["REMOVE"]}`:                          true,
		`{"eventName":["INSERT"]}`:                          false,
		`{"eventName":["remove"]}`:                          false,
		`{"eventName":["INSERT","REMOVE"]}`:                 true,
		`{"eventName":["REMOVE"],"eventID":["1"]}`:          false,
		`{"userIdentity":["Service"]}`:                      false,
		`{"eventName":{"type":["Service"]}}`:                false,
		`{"dynamodb":{"SizeBytes":["120"]}}`:                false, // it is a number
		`{"dynamodb":{"OldImage":{"count":{"N":["7"]}}}}`:   true,
		`{"dynamodb":{"OldImage":{"count":{"N":["8"]}}}}`:   false,
		`{"dynamodb":{"NewImage":{"count":{"N":["7"]}}}}`:   false,
		`{"dynamodb":{"OldImage":{"gone":{"NULL":["x"]}}}}`: false,

		`{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"a#"}]}}}}`:   true,
		`{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"b#"}]}}}}`:   false,
		`{"dynamodb":{"Keys":{"pk":{"S":["x",{"prefix":""}]}}}}`: true,
		`{"dynamodb":{"SizeBytes":[{"prefix":"1"}]}}`:            false,
		`{"dynamodb":{"Missing":[{"prefix":""}]}}`:               false,
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
		if got := p.takes(whole); got != want {
			t.Errorf("%s takes it: %v", filter, got)
		}
	}
}

func TestAFilterThatIsNotSupportedIsRefused(t *testing.T) {
	for filter, want := range map[string]string{
		``:                                     "not a JSON object",
		`[]`:                                   "not a JSON object",
		`{"a":["b"]`:                           "not a JSON object",
		`{}`:                                   "is empty",
		`{"a":{}}`:                             "a: an object in it is empty",
		`{"a":[]}`:                             "a: the list is empty",
		`{"a":"b"}`:                            "a: a value must be in a list",
		`{"a":{"b":7}}`:                        "a: b: a value must be in a list",
		`{"a":[["b"]]}`:                        `does not support ["b"] in a filter`,
		`{"a":[{}]}`:                           `does not support {} in a filter`,
		`{"a":[{"prefix":7}]}`:                 `does not support {"prefix":7} in a filter`,
		`{"a":[{"exists":true}]}`:              `does not support {"exists":true} in a filter`,
		`{"a":[{"suffix":"b"}]}`:               `does not support {"suffix":"b"} in a filter`,
		`{"a":[{"numeric":["\u003e",1]}]}`:     `does not support {"numeric":["\u003e",1]} in a filter`,
		`{"a":[{"anything-but":["b"]}]}`:       `does not support {"anything-but":["b"]} in a filter`,
		`{"a":[{"equals-ignore-case":"b"}]}`:   `does not support {"equals-ignore-case":"b"} in a filter`,
		`{"a":[7]}`:                            `does not support 7 in a filter`,
		`{"a":[true]}`:                         `does not support true in a filter`,
		`{"a":[null]}`:                         `does not support null in a filter`,
		`{"a":[{"exists":true,"prefix":"b"}]}`: `does not support {"exists":true,"prefix":"b"} in a filter`,
		`{"$or":[{"a":["b"]}]}`:                `does not support $or in a filter`,
		`{"tags":{"SS":["b"]}}`:                `does not support SS in a filter`,
		`{"tags":{"NS":["b"]}}`:                `does not support NS in a filter`,
		`{"tags":{"BS":["b"]}}`:                `does not support BS in a filter`,
		`{"tags":{"L":["b"]}}`:                 `does not support L in a filter`,
	} {
		if _, err := parsePattern(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", filter, err, want)
		}
	}
}
