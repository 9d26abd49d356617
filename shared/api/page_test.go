package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// lambdaLimit is the largest response, in bytes, that Lambda takes from a function.
const lambdaLimit = 6 << 20

// heavy fills the workspace with n secrets whose labels are as large as the first release took them,
// made of one character. It returns their ids.
func (s *service) heavy(n int, character string) []string {
	s.t.Helper()
	s.create()
	meta := s.rowsOf("SecretsTable", "meta")[0]
	labels := map[string]types.AttributeValue{}
	for i := range 200 {
		key := fmt.Sprintf("%03d", i) + strings.Repeat(character, 197)
		labels[key] = &types.AttributeValueMemberS{Value: strings.Repeat(character, 200)}
	}
	text := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	meta["label_map"] = &types.AttributeValueMemberM{Value: labels}
	table, ids := "SecretsTable", []string{}
	for i := range n {
		id := fmt.Sprintf("sec_%026d", i)
		meta["pk"], meta["id"], meta["list_sk"] = text(workspace+"#"+id), text(id), text("generic#"+id)
		if _, err := s.db.PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: meta}); err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestAPageNeverOutgrowsWhatLambdaTakes(t *testing.T) {
	for name, c := range map[string]struct {
		character, limit string
		n                int
	}{
		"a hundred with labels at the limit":  {"x", "100", 100},
		"four-byte characters, default limit": {"𝄞", "50", 25},
		"characters that are escaped twice":   {`\`, "100", 30},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			want := s.heavy(c.n, c.character)
			var got []string
			s.cloud.Settle()
			pages := 0
			for cursor := ""; ; pages++ {
				query := with("limit", c.limit)
				if cursor != "" {
					query["cursor"] = cursor
				}
				response, _ := s.operations["list-secrets"](t.Context(), s.event("list-secrets", request{query: query}))
				whole, err := json.Marshal(response)
				if err != nil || response.StatusCode != 200 || len(whole) > lambdaLimit {
					t.Fatalf("%d, %d bytes, %v", response.StatusCode, len(whole), err)
				}
				var page struct {
					Data       []struct{ ID string }
					HasMore    bool    `json:"has_more"`
					NextCursor *string `json:"next_cursor"`
				}
				if err := json.Unmarshal([]byte(response.Body), &page); err != nil {
					t.Fatal(err)
				}
				if page.HasMore != (page.NextCursor != nil) || page.HasMore && len(whole) < lambdaLimit/3 {
					t.Errorf("has_more %v, next_cursor %v, after %d bytes", page.HasMore, page.NextCursor, len(whole))
				}
				for _, item := range page.Data {
					got = append(got, item.ID)
				}
				if !page.HasMore {
					break
				}
				cursor = *page.NextCursor
			}
			if got = slices.DeleteFunc(got, func(id string) bool { return !slices.Contains(want, id) }); !slices.Equal(got, want) {
				t.Errorf("%d of %d secrets were shown, on %d pages", len(got), len(want), pages+1)
			}
		})
	}
}
