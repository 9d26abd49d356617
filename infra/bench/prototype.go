package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"keepsake/infra/bench/stage"
)

// newPrototypes makes two secrets, deletes one, and reads their rows.
func newPrototypes(ctx context.Context, s *stage.Stage) (p prototypes, err error) {
	f, _ := s.Template.Function("get-secret")
	p.table = f.Environment["SECRETS_TABLE"]
	for _, table := range s.Template.Tables {
		var schema json.RawMessage
		if err := engineCall(ctx, s, "DescribeTable", map[string]any{"TableName": table.Name}, &schema); err != nil {
			return p, err
		}
		p.schema = append(p.schema, schema)
	}
	for _, of := range []*rowsOf{&p.active, &p.deleted} {
		a, err := s.Call("create-secret", stage.Request{})
		if err != nil {
			return p, err
		}
		if of.id = a.Field("id"); of.id == "" {
			return p, fmt.Errorf("no secret was made: %s", a.Body)
		}
	}
	if _, err := s.Call("delete-secret", stage.Request{ID: p.deleted.id, Headers: map[string]string{"if-match": "1"}}); err != nil {
		return p, err
	}
	for _, of := range []*rowsOf{&p.active, &p.deleted} {
		if err := of.read(ctx, s, p.table); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (r *rowsOf) read(ctx context.Context, s *stage.Stage, table string) error {
	var out struct{ Items []json.RawMessage }
	query := map[string]any{
		"TableName": table, "KeyConditionExpression": "pk = :pk",
		"ExpressionAttributeValues": map[string]any{":pk": map[string]string{"S": stage.Workspace + "#" + r.id}},
	}
	if err := engineCall(ctx, s, "Query", query, &out); err != nil {
		return err
	}
	if len(out.Items) != 2 {
		return fmt.Errorf("the secret has %d rows, not two", len(out.Items))
	}
	r.meta, r.version = string(out.Items[0]), string(out.Items[1])
	if !strings.Contains(r.meta, `"meta"`) {
		r.meta, r.version = r.version, r.meta
	}
	return nil
}

// engineCall asks the engine in JSON: the SDK would turn the rows into its own types.
func engineCall(ctx context.Context, s *stage.Stage, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.EngineURL(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", action, response.Status, content)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(content, out)
}
