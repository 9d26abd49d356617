package api_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/api"
)

// reads returns the reads of an access, without its audit line and its decryption.
func (s *service) reads(id, vid string, status int) []string {
	s.t.Helper()
	s.cloud.ResetCalls()
	s.call("access-secret-version", request{id: id, vid: vid}).want(status)
	reads := slices.DeleteFunc(s.cloud.Calls(), func(call string) bool { return call == "dynamodb:PutItem" || call == "kms:Decrypt" })
	slices.Sort(reads)
	return reads
}

func TestAnAliasThatThisContainerHasFollowedCostsOneRead(t *testing.T) {
	s := start(t)
	id := s.aliased()
	for i, want := range [][]string{
		{"dynamodb:BatchGetItem", "dynamodb:GetItem"},
		{"dynamodb:BatchGetItem"},
		{"dynamodb:BatchGetItem"},
	} {
		if got := s.reads(id, "prod", 200); !slices.Equal(got, want) {
			t.Errorf("access %d: reads %v, want %v", i+1, got, want)
		}
	}
	s.pointProd(id, 2)
	if got, want := s.reads(id, "prod", 200), []string{"dynamodb:BatchGetItem", "dynamodb:BatchGetItem"}; !slices.Equal(got, want) {
		t.Errorf("moved: reads %v, want %v", got, want)
	}
	if got, want := s.reads(id, "prod", 200), []string{"dynamodb:BatchGetItem"}; !slices.Equal(got, want) {
		t.Errorf("followed: reads %v, want %v", got, want)
	}
}

func TestTheLatestIsReadByItsKeyOnceItIsKnown(t *testing.T) {
	s := start(t)
	id := s.create()
	index, key := []string{"dynamodb:Query"}, []string{"dynamodb:GetItem", "dynamodb:Query"}
	wantReads := func(when string, want []string) {
		t.Helper()
		if got := s.reads(id, "latest", 200); !slices.Equal(got, want) {
			t.Errorf("%s: reads %v, want %v", when, got, want)
		}
	}
	wantReads("unknown", index)
	wantReads("the first version", index)
	s.version(id, "second")
	wantReads("no longer the latest", append(index, "dynamodb:Query"))
	meet := s.rendezvous("dynamodb:GetItem", "dynamodb:Query")
	wantReads("the second version", key)
	meet.check(t)
	second := firstVersionOf(id)[:len(firstVersionOf(id))-1] + "2"
	s.change("disable-secret-version", id, second).want(200)
	wantReads("changed", []string{"dynamodb:GetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Query"})
	wantReads("an older one than the newest", key) // the metadata after the index
}

// twins are one container that remembers what it has read, and one that has read nothing yet.
type twins struct {
	*service
	old map[string]api.Handler
}

func (w twins) bothAccess(id, vid string) {
	w.t.Helper()
	w.operations = w.old
	remembered := w.call("access-secret-version", request{id: id, vid: vid})
	w.build()
	fresh := w.call("access-secret-version", request{id: id, vid: vid})
	if remembered.status != fresh.status || remembered.text != fresh.text || remembered.headers["ETag"] != fresh.headers["ETag"] {
		w.t.Errorf("%s: %d %s, and who remembers nothing gets %d %s", vid, remembered.status, remembered.text, fresh.status, fresh.text)
	}
}

func TestWhatAContainerRemembersChangesNoAnswerAndNoLine(t *testing.T) {
	s := start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := twins{s, s.operations}
	id, versions := s.aliased(), 2
	for range 60 {
		w.operations = w.old
		vid := fmt.Sprintf("secv_%s_%d", id[len("sec_"):], 1+random.IntN(versions))
		switch random.IntN(8) {
		case 0:
			if made := s.call("create-secret-version", request{id: id, body: body(`{"value":"new"}`)}); made.status == 201 {
				versions++
			}
		case 1, 2:
			s.change("disable-secret-version", id, vid)
		case 3, 4:
			s.change("enable-secret-version", id, vid)
		case 5:
			s.update(id, s.etag(id), fmt.Sprintf(`{"version_aliases":{"prod":%d}}`, 1+random.IntN(versions)))
		case 6:
			if random.IntN(4) == 0 {
				s.change("destroy-secret-version", id, vid)
			}
			s.update(id, s.etag(id), `{"version_aliases":{}}`)
		case 7:
			if random.IntN(2) == 0 {
				s.delete(id, s.etag(id))
			} else {
				s.undelete(id, s.etag(id))
			}
		}
		for range 2 {
			w.bothAccess(id, "latest")
			w.bothAccess(id, "prod")
		}
	}
	s.now = s.now.Add(2 * retention)
	w.bothAccess(id, "latest")
	w.bothAccess(id, "prod")
	lines := map[string]int{}
	for _, line := range s.trail() {
		lines[fmt.Sprint(line["outcome"], line["reason"], line["version"])]++
	}
	for line, n := range lines {
		if n%2 != 0 {
			t.Errorf("one of the two left a line that the other did not: %s", line)
		}
	}
}

func TestAPurgedSecretWhoseAliasIsKnownLeavesNoLine(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.call("access-secret-version", request{id: id, vid: "prod"}).want(200)
	s.delete(id, s.etag(id)).want(204)
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(404, 7002)
	lines := len(s.trail())
	s.now = s.now.Add(retention)
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(404, 7002)
	if n := len(s.trail()); n != lines {
		t.Errorf("%d lines more", n-lines)
	}
}

// An erasure deletes the rows of versions in any order, and the metadata may have been read before it.
func TestTheLatestThatIsKnownIsNotBelievedWhileANewerOneIsBeingErased(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.call("access-secret-version", request{id: id}).want(200)
	s.version(id, "third")
	for _, row := range s.rowsOf("SecretsTable", "v#0000000003") {
		key := map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]}
		if _, err := s.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("SecretsTable"), Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"dynamodb:GetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Query"}
	if got := s.reads(id, "latest", 200); !slices.Equal(got, want) {
		t.Errorf("reads %v, want %v", got, want)
	}
}
