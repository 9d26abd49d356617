package job_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// newer holds an attribute of each type of DynamoDB's, under names that today's code does not know.
var newer = row{
	"newer_s": str("s"), "newer_n": number(7), "newer_b": &types.AttributeValueMemberB{Value: []byte("b")},
	"newer_bool": &types.AttributeValueMemberBOOL{Value: true}, "newer_null": &types.AttributeValueMemberNULL{Value: true},
	"newer_ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "newer_ns": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
	"newer_bs": &types.AttributeValueMemberBS{Value: [][]byte{[]byte("a")}},
	"newer_l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{str("s"), &types.AttributeValueMemberBOOL{}, &types.AttributeValueMemberL{}}},
	"newer_m": &types.AttributeValueMemberM{Value: row{
		"in": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: row{}}}},
	}},
}

// addNewer changes a secret's rows as newer code would.
func (b *bench) addNewer(ref secret.Ref, attributes row) {
	b.t.Helper()
	for _, r := range b.rows("SecretsTable") {
		if r["pk"].(*types.AttributeValueMemberS).Value != workspace+"#"+ref.ID {
			continue
		}
		for name, value := range attributes {
			r[name] = value
		}
		b.putRow(r)
	}
}

func TestAttributesThatNewerCodeAddsStopNeitherReaderOfTheStream(t *testing.T) {
	for name, value := range newer {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			tape := b.tape()
			made := b.keep(2)
			b.addNewer(made.Ref, row{name: value})
			tape.note(nil)
			b.now = b.now.Add(time.Second)
			b.remove(made, b.now)
			tape.note(nil)
			b.expire(made.Ref)
			tape.note(expiry)
			if failures := b.recordChanges(tape.records); len(failures) != 0 {
				t.Errorf("record-changes: %v: %s", failures, b.log.String())
			}
			want := []string{"create-secret", "delete-secret", "purge mechanism=ttl versions=1 deleted_by=tok_x"}
			if got := b.trail(made.Ref); !slices.Equal(got, want) {
				t.Errorf("the trail is %q", got)
			}
			if failures := b.purgeExpired(tape.records); len(failures) != 0 || b.versionsOf(made.Ref) != 0 {
				t.Errorf("purge-expired: %v: %d versions are left", failures, b.versionsOf(made.Ref))
			}
		})
	}
}
