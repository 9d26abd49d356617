package store_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/shared/store"
)

// record is a record of the stream about the row with this sort key.
func record(event, sort string, by *events.DynamoDBUserIdentity) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{
		EventName: event, UserIdentity: by,
		Change: events.DynamoDBStreamRecord{SequenceNumber: "7", Keys: map[string]events.DynamoDBAttributeValue{
			"pk": events.NewStringAttribute("ws_a#sec_b"), "sk": events.NewStringAttribute(sort),
		}},
	}
}

func TestReadChangeTellsAVersionFromItsSecretAndPassesOverKeys(t *testing.T) {
	for sort, want := range map[string]struct {
		ok      bool
		version int
	}{"meta": {true, 0}, "v#0000000012": {true, 12}, "key": {false, 0}, "": {false, 0}} {
		change, ok, err := store.ReadChange(record("INSERT", sort, nil))
		if err != nil || ok != want.ok || change.Version != want.version || change.Ref.Workspace != "ws_a" || change.Ref.ID != "sec_b" || change.Sequence != "7" {
			t.Errorf("%q: %+v, %v, %v", sort, change, ok, err)
		}
	}
}

func TestReadChangeCallsARemovalAnExpiryOnlyIfDynamoDBMadeIt(t *testing.T) {
	dynamodb := &events.DynamoDBUserIdentity{Type: "Service", PrincipalID: "dynamodb.amazonaws.com"}
	person := &events.DynamoDBUserIdentity{Type: "Service", PrincipalID: "somebody"}
	for _, c := range []struct {
		event   string
		by      *events.DynamoDBUserIdentity
		removed bool
		expired bool
	}{{"REMOVE", dynamodb, true, true}, {"REMOVE", person, true, false}, {"REMOVE", nil, true, false}, {"MODIFY", dynamodb, false, false}} {
		change, _, err := store.ReadChange(record(c.event, "meta", c.by))
		if err != nil || change.Removed != c.removed || change.Expired != c.expired {
			t.Errorf("%s by %v: %+v, %v", c.event, c.by, change, err)
		}
	}
}
