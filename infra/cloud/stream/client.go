package stream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"keepsake/infra/template"
)

const (
	responseTime = 30 * time.Second
	pageLimit    = 1000 // records in one call: DynamoDB's maximum
)

// client speaks DynamoDB's protocol without the SDK, whose stream client drops userIdentity: it shows
// whether a row has expired or was deleted.
type client struct {
	url  string
	http http.Client
	sign *v4.Signer
}

func newClient(url string) *client {
	return &client{url: url, http: http.Client{Timeout: responseTime}, sign: v4.NewSigner()}
}

// fault is an error that DynamoDB returns.
type fault struct {
	Kind    string `json:"__type"`
	Message string `json:"message"`
}

func (f *fault) Error() string { return f.Kind + ": " + f.Message }

// is reports whether the fault is of a kind. A namespace may be in front of it.
func (f *fault) is(kind string) bool { return strings.HasSuffix(f.Kind, kind) }

func (c *client) call(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	if err := c.sign.SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "dynamodb", template.Region, time.Now()); err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		f := &fault{Kind: response.Status, Message: string(content)}
		_ = json.Unmarshal(content, f) // if that fails, f has the status
		return f
	}
	return json.Unmarshal(content, out)
}

// stream returns the ARN of the stream that a table writes now.
func (c *client) stream(ctx context.Context, table string) (arn string, err error) {
	var out struct {
		Table struct {
			ARN string `json:"LatestStreamArn"`
		}
	}
	if err := c.call(ctx, "DynamoDB_20120810.DescribeTable", map[string]any{"TableName": table}, &out); err != nil {
		return "", err
	}
	if out.Table.ARN == "" {
		return "", fmt.Errorf("the table %s has no stream", table)
	}
	return out.Table.ARN, nil
}

// shards lists a stream's shards, parents before their children.
func (c *client) shards(ctx context.Context, arn string) ([]string, error) {
	var all []string
	in := map[string]any{"StreamArn": arn}
	for {
		var out struct {
			StreamDescription struct {
				Shards []struct{ ShardID string }
				Last   string `json:"LastEvaluatedShardId"`
			}
		}
		if err := c.call(ctx, "DynamoDBStreams_20120810.DescribeStream", in, &out); err != nil {
			return nil, err
		}
		for _, shard := range out.StreamDescription.Shards {
			all = append(all, shard.ShardID)
		}
		if out.StreamDescription.Last == "" {
			return all, nil
		}
		in["ExclusiveStartShardId"] = out.StreamDescription.Last
	}
}

// iterator returns an iterator that begins after a position.
func (c *client) iterator(ctx context.Context, at position) (string, error) {
	in := map[string]any{"StreamArn": at.Stream, "ShardId": at.Shard, "ShardIteratorType": "TRIM_HORIZON"}
	if at.Sequence != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", at.Sequence
	}
	var out struct{ ShardIterator string }
	err := c.call(ctx, "DynamoDBStreams_20120810.GetShardIterator", in, &out)
	return out.ShardIterator, err
}

// records reads a page. If next is empty, the shard is closed and read to its end.
func (c *client) records(ctx context.Context, iterator string) (page []record, next string, err error) {
	var out struct {
		Records           []record
		NextShardIterator string
	}
	in := map[string]any{"ShardIterator": iterator, "Limit": pageLimit}
	err = c.call(ctx, "DynamoDBStreams_20120810.GetRecords", in, &out)
	return out.Records, out.NextShardIterator, err
}

// following returns the shard after current: "" if there is none yet, the first if current has gone.
func following(shards []string, current string) string {
	i := slices.Index(shards, current) + 1
	if i == len(shards) {
		return ""
	}
	return shards[i]
}
