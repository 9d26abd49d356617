package rows

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// newPrefix begins the attributes that Newer adds.
const newPrefix = "newer_"

// unknown are attributes that no release has, one of every type that DynamoDB has.
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

// known are the maps within a row whose names are users' own: there an attribute would be an entry.
var known = []string{"label_map", "version_aliases"}

// Newer is r as a later release might have written it: each row, and each map in it, has an attribute
// of every type more.
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
		if m, ok := value.(*types.AttributeValueMemberM); ok && !slices.Contains(known, name) {
			value = &types.AttributeValueMemberM{Value: newer(m.Value)}
		}
		out[name] = value
	}
	return out
}

// Unknown lists the attributes of item that Newer has added.
func Unknown(item Item) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(item)), func(name string) bool {
		return !strings.HasPrefix(name, newPrefix)
	})
}
