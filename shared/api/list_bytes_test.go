package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestAListShowsASecretAsGetDoes: byte for byte, for random secrets. Their texts have every character that
// JSON spells in another way.
func TestAListShowsASecretAsGetDoes(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := start(t)
	for i := range 60 {
		s.putRandom(random, fmt.Sprintf("sec_%03d", i))
	}
	for _, state := range []string{"active", "soft_deleted"} {
		for cursor := ""; ; {
			query := with("state", state, "limit", "7")
			if cursor != "" {
				query["cursor"] = cursor
			}
			page := s.asEncoded(s.call("list-secrets", request{query: query}).want(200))
			for _, item := range page.Data {
				s.wantAsGot("get-secret", request{id: object(t, item)["id"].(string)}, item)
			}
			if !page.HasMore {
				break
			}
			cursor = *page.NextCursor
		}
	}
}

func TestAListShowsAVersionAsGetDoes(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x","comment":"<\"\\\u2028✓>"}`)}).want(201)
	s.version(id, "third")
	s.change("destroy-secret-version", id, versionOf(id, "3")).want(200)
	for _, limit := range []string{"2", "3"} {
		for _, item := range s.asEncoded(s.call("list-secret-versions", request{id: id, query: with("limit", limit)}).want(200)).Data {
			s.wantAsGot("get-secret-version", request{id: id, vid: object(t, item)["id"].(string)}, item)
		}
	}
}

type encodedPage struct {
	Data       []json.RawMessage `json:"data"`
	HasMore    bool              `json:"has_more"`
	NextCursor *string           `json:"next_cursor"`
}

// asEncoded reads a page, which must be as encoding/json writes it.
func (s *service) asEncoded(a response) encodedPage {
	s.t.Helper()
	var page encodedPage
	if err := json.Unmarshal([]byte(a.text), &page); err != nil {
		s.t.Fatal(err)
	}
	if encoded, err := json.Marshal(page); err != nil || string(encoded)+"\n" != a.text {
		s.t.Errorf("the page is %s\nwant %s, %v", a.text, encoded, err)
	}
	return page
}

func (s *service) wantAsGot(operation string, r request, item json.RawMessage) {
	s.t.Helper()
	if got := s.call(operation, r).want(200).text; got != string(item)+"\n" {
		s.t.Errorf("listed as %s\ngot as    %s", item, got)
	}
}

// putRandom puts a secret into the table, with any of the fields that a secret may have.
func (s *service) putRandom(random *rand.Rand, id string) {
	s.t.Helper()
	text := func(most int) string {
		out := ""
		for range 1 + random.IntN(most) {
			out += []string{"a", `"`, `\`, "<", "&", "\n", "\x01", "\u2028", "ü", "𝄞", "\x7f", " "}[random.IntN(12)]
		}
		return out
	}
	row := map[string]any{
		"pk": workspace + "#" + id, "sk": "meta", "workspace_id": workspace, "id": id, "secret_name": text(20),
		"kind": "cloud_provider/hcloud", "secret_state": "active", "list_pk": workspace + "#active",
		"list_sk": "cloud_provider/hcloud#" + id, "version_order": "enabled~",
		"version_count": 1 + random.IntN(1000), "enabled_version_count": random.IntN(3),
		"created_at": random.IntN(1 << 31), "updated_at": random.IntN(1 << 31), "revision": 1 + random.Int64N(1<<50),
	}
	sometimes := func(name string, value any) {
		if random.IntN(2) == 0 {
			row[name] = value
		}
	}
	sometimes("description", text(50))
	sometimes("mime_type", text(10))
	sometimes("label_map", map[string]string{text(5): text(5), text(5): "", text(9): text(5)})
	sometimes("version_aliases", map[string]int{"stable": 1, "v1.0_x-y": 1 + random.IntN(99999)})
	sometimes("validation", map[string]any{"state": "invalid", "validated_at": random.IntN(1 << 31), "error": text(5)})
	if random.IntN(3) == 0 {
		row["secret_state"], row["deleted_at"], row["purge_at"] = "soft_deleted", random.IntN(1<<31), s.now.Unix()+1+random.Int64N(1e6)
		row["list_pk"] = workspace + "#soft_deleted"
	}
	encoded, err := attributevalue.MarshalMap(row)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.db.PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: encoded}); err != nil {
		s.t.Fatal(err)
	}
}
