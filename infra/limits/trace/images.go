package trace

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/template"
)

type row = map[string]types.AttributeValue

// images are the rows of tables and the entries of their global indexes, by place and by the table's key.
type images map[string]map[string]row

// images reads tables with their global indexes from the engine, past the proxy.
func (r *recorder) images(ctx context.Context, tables []string) (images, error) {
	all := images{}
	for _, name := range tables {
		table, err := tableOf(r.stage.Template, name)
		if err != nil {
			return nil, err
		}
		if all[name], err = r.scan(ctx, table, nil); err != nil {
			return nil, err
		}
		for _, index := range table.Global {
			if all[name+"/"+index.Name], err = r.scan(ctx, table, &index.Name); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func tableOf(t *template.Template, name string) (template.Table, error) {
	for _, table := range t.Tables {
		if table.Name == name {
			return table, nil
		}
	}
	return template.Table{}, fmt.Errorf("the template has no table %s", name)
}

func (r *recorder) scan(ctx context.Context, table template.Table, index *string) (map[string]row, error) {
	rows := map[string]row{}
	pages := dynamodb.NewScanPaginator(r.stage.DB, &dynamodb.ScanInput{TableName: &table.Name, IndexName: index})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			rows[keyOf(table.Key, item)] = item
		}
	}
	return rows, nil
}

// keyOf joins a row's values of a key, the partition key first.
func keyOf(key []template.KeyAttribute, item row) string {
	var values []string
	for _, k := range key {
		values = append(values, text(item[k.Name]))
	}
	return strings.Join(values, "\x00")
}

func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return ""
}

// indexEntries returns what a write did to the entries of global indexes: a unit for each that came, went or
// changed, and two for one whose key changed. It checks that the engine reports as much.
func (r *recorder) indexEntries(before, after images, used map[string]capacity, inTransaction bool) (touches []Touch, err error) {
	for name := range used {
		table, err := tableOf(r.stage.Template, name)
		if err != nil {
			return nil, err
		}
		for _, index := range table.Global {
			place := name + "/" + index.Name
			entries := changedEntries(place, index, before[place], after[place])
			if reported := used[name].GlobalSecondaryIndexes[index.Name].CapacityUnits; float64(len(entries)) != reported {
				return nil, fmt.Errorf("%d entries of %s changed, the engine reports %v units", len(entries), place, reported)
			}
			for _, t := range entries {
				if inTransaction {
					t.Twice = t.Write
				}
				touches = append(touches, t)
			}
		}
	}
	return touches, nil
}

func changedEntries(place string, index template.Index, before, after map[string]row) (touches []Touch) {
	touch := func(item row) {
		pk, sk, _ := strings.Cut(keyOf(index.Key, item), "\x00")
		touches = append(touches, Touch{Place: place, Key: pk, Sort: sk, Write: 1})
	}
	for key, old := range before {
		now, stays := after[key]
		switch {
		case !stays:
			touch(old)
		case keyOf(index.Key, old) != keyOf(index.Key, now):
			touch(old)
			touch(now)
		case !reflect.DeepEqual(old, now):
			touch(now)
		}
	}
	for key, now := range after {
		if _, was := before[key]; !was {
			touch(now)
		}
	}
	sort.Slice(touches, func(i, j int) bool { return touches[i].Key+touches[i].Sort < touches[j].Key+touches[j].Sort })
	return touches
}
