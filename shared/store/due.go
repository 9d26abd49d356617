package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/secret"
)

// Due is a secret that is waited for: to be purged, or for its provider to be asked about it.
type Due struct {
	Ref secret.Ref
	At  time.Time // since when
}

// due returns the pages of a query of one of the indexes of work to do, which hold the keys alone.
// What the caller writes meanwhile does not make a secret come twice. An error is the last page.
func (s *Store) due(ctx context.Context, query *dynamodb.QueryInput, at func(metaItem) int64) iter.Seq2[[]Due, error] {
	return func(yield func([]Due, error) bool) {
		for {
			out, err := s.db.Query(ctx, query)
			if err != nil {
				yield(nil, fmt.Errorf("look for what is due: %w", err))
				return
			}
			page, err := dueOf(out.Items, at)
			if err != nil || len(page) > 0 {
				if !yield(page, err) {
					return
				}
			}
			if query.ExclusiveStartKey = out.LastEvaluatedKey; err != nil || len(out.LastEvaluatedKey) == 0 {
				return
			}
		}
	}
}

func dueOf(entries []item, since func(metaItem) int64) ([]Due, error) {
	var page []Due
	for _, entry := range entries {
		row, err := decode[metaItem](entry)
		if err != nil {
			return nil, err
		}
		page = append(page, Due{Ref: refOf(row.PK), At: at(since(row))})
	}
	return page, nil
}

// refOf reads a partition key back.
func refOf(partition string) secret.Ref {
	workspace, id, _ := strings.Cut(partition, "#")
	return secret.Ref{Workspace: workspace, ID: id}
}
