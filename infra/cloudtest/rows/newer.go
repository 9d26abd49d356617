package rows

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// newPrefix is the beginning of the names that Newer adds.
const newPrefix = "newer_"

// unknown returns attributes that no release knows, one of every type of DynamoDB.
func unknown() Item {
	return Item{
		newPrefix + "b":    &types.AttributeValueMemberB{Value: []byte{1}},
		newPrefix + "bool": &types.AttributeValueMemberBOOL{Value: true},
		newPrefix + "bs":   &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		newPrefix + "l":    &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}}},
		newPrefix + "m": &types.AttributeValueMemberM{Value: Item{
			"within": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: false}}},
		}},
		newPrefix + "n":    &types.AttributeValueMemberN{Value: "1.5"},
		newPrefix + "ns":   &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		newPrefix + "null": &types.AttributeValueMemberNULL{Value: true},
		newPrefix + "s":    &types.AttributeValueMemberS{Value: "s"},
		newPrefix + "ss":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
	}
}

// userMaps are the maps in a row whose names users choose: another attribute would be another entry.
var userMaps = []string{"label_map", "version_aliases"}

// Newer returns r as a later release might have written it: each row, and each map in it, has one more
// attribute of every type.
func (r *Release) Newer() *Release {
	out := *r
	out.Rows = map[string][]Item{}
	for table, items := range r.Rows {
		for _, item := range items {
			out.Rows[table] = append(out.Rows[table], newer(item))
		}
	}
	return &out
}

func newer(item Item) Item {
	out := unknown()
	for name, value := range item {
		if m, ok := value.(*types.AttributeValueMemberM); ok && !slices.Contains(userMaps, name) {
			value = &types.AttributeValueMemberM{Value: newer(m.Value)}
		}
		out[name] = value
	}
	return out
}

// Unknown lists the attributes of item that Newer added.
func Unknown(item Item) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(item)), func(name string) bool {
		return !strings.HasPrefix(name, newPrefix)
	})
}
