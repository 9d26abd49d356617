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
	answerTime = 30 * time.Second
	pageLimit  = 1000 // records a call, which is DynamoDB's most
)

// client speaks DynamoDB's protocol itself: the SDK's stream client drops userIdentity, which tells an
// expiry from a delete.
type client struct {
	url  string
	http http.Client
	sign *v4.Signer
}

func newClient(url string) *client {
	return &client{url: url, http: http.Client{Timeout: answerTime}, sign: v4.NewSigner()}
}

// fault is an error that DynamoDB answers with.
type fault struct {
	Kind    string `json:"__type"`
	Message string `json:"message"`
}

func (f *fault) Error() string { return f.Kind + ": " + f.Message }

// is compares the fault's name, which stands behind its namespace.
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
	who := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	if err := c.sign.SignHTTP(ctx, who, request, hex.EncodeToString(hash[:]), "dynamodb", template.Region, time.Now()); err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		f := &fault{Kind: response.Status, Message: string(answer)}
		_ = json.Unmarshal(answer, f) // else the status says it
		return f
	}
	return json.Unmarshal(answer, out)
}

// stream finds the stream that a table writes now.
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

// iterator points behind a position.
func (c *client) iterator(ctx context.Context, at position) (string, error) {
	in := map[string]any{"StreamArn": at.Stream, "ShardId": at.Shard, "ShardIteratorType": "TRIM_HORIZON"}
	if at.Sequence != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", at.Sequence
	}
	var out struct{ ShardIterator string }
	err := c.call(ctx, "DynamoDBStreams_20120810.GetShardIterator", in, &out)
	return out.ShardIterator, err
}

// records reads a page. A next iterator that is empty says that the shard is closed and read.
func (c *client) records(ctx context.Context, iterator string) (page []record, next string, err error) {
	var out struct {
		Records           []record
		NextShardIterator string
	}
	in := map[string]any{"ShardIterator": iterator, "Limit": pageLimit}
	err = c.call(ctx, "DynamoDBStreams_20120810.GetRecords", in, &out)
	return out.Records, out.NextShardIterator, err
}

// following is the shard after current in shards: empty if there is none yet, the first if current is
// not among them any more.
func following(shards []string, current string) string {
	i := slices.Index(shards, current) + 1
	if i == len(shards) {
		return ""
	}
	return shards[i]
}
