package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/store"
)

// BenchmarkListSecrets sets a page of fifty secrets beside what no program on the SDK can avoid: the
// same Query, rows read by hand, and the same JSON. There is no network. ratio is the processor time of
// the first by that of the second, garbage collection included: the median of many rounds, in which they
// alternate. sdk-ratio is the same beside rows read by the SDK's own decoder.
func BenchmarkListSecrets(b *testing.B) {
	debug.SetGCPercent(400) // as in every function
	b.Cleanup(func() { debug.SetGCPercent(100) })
	config := benchConfig(b, storedPage(50))
	ours := listHandler(b, config)
	bare := aws.Config{Region: config.Region, Credentials: config.Credentials, HTTPClient: config.HTTPClient}
	byHand, bySDK := bareList(b, bare, readByHand), bareList(b, bare, readBySDK)
	if text := ours(); text != byHand() || text != bySDK() {
		b.Fatal("they do not return the same")
	}
	var ratio, sdkRatio []float64
	var all time.Duration
	for b.Loop() {
		us := cost(ours)
		all += us
		ratio = append(ratio, float64(us)/float64(cost(byHand)))
		sdkRatio = append(sdkRatio, float64(us)/float64(cost(bySDK)))
	}
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(median(sdkRatio), "sdk-ratio")
	b.ReportMetric(float64(all.Microseconds())/float64(b.N*rounds), "µs-cpu/list")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkListSecretsMemory is what a page allocates.
func BenchmarkListSecretsMemory(b *testing.B) {
	ours := listHandler(b, benchConfig(b, storedPage(50)))
	b.ReportAllocs()
	for b.Loop() {
		ours()
	}
}

// listHandler returns a call of the operation, of the body of its response.
func listHandler(b *testing.B, config aws.Config) func() string {
	edge := boot.Environment().BareEdge()
	edge.Log, edge.Credentials = slogTo(io.Discard), everybody{}
	handle := api.ListSecrets(edge, store.New(dynamodb.NewFromConfig(config), "SecretsTable"), "https://x")
	event := api.Event{Headers: with("x-origin-key", "k", "traceparent", traceparent)}
	return func() string {
		response, err := handle(b.Context(), event)
		if err != nil || response.StatusCode != http.StatusOK {
			b.Fatal(response.StatusCode, response.Body, err)
		}
		return response.Body
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

func benchConfig(b *testing.B, response string) aws.Config {
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "ORIGIN_KEY": "k",
	} {
		b.Setenv(name, value)
	}
	config := boot.Environment().AWS
	config.HTTPClient = cannedResponse(response)
	return config
}

const rounds = 50

// cost is the processor time of some rounds of f.
func cost(f func() string) time.Duration {
	began := processorTime()
	for range rounds {
		f()
	}
	return processorTime() - began
}

func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// storedPage is DynamoDB's response with n secrets, as the index has them.
func storedPage(n int) string {
	var rows []string
	for i := range n {
		id := fmt.Sprintf("sec_06h0cjhc61cfhamdwkxv%06d", i)
		rows = append(rows, fmt.Sprintf(`{"workspace_id":{"S":"ws_b"},"id":{"S":"%[1]s"},"secret_name":{"S":"db-password-%[2]d"},
			"kind":{"S":"generic"},"description":{"S":"of the database that the orders are in"},"secret_state":{"S":"active"},
			"label_map":{"M":{"team":{"S":"payments"},"env":{"S":"production"}}},"version_aliases":{"M":{"stable":{"N":"1"}}},
			"version_count":{"N":"3"},"enabled_version_count":{"N":"2"},"created_at":{"N":"1795401854"},
			"updated_at":{"N":"1795401999"},"revision":{"N":"7"}}`, id, i))
	}
	return fmt.Sprintf(`{"Count":%d,"ScannedCount":%[1]d,"Items":[%s]}`, n, strings.Join(rows, ","))
}

// bareSecret is both a row and its JSON.
type bareSecret struct {
	ID           string            `dynamodbav:"id" json:"id"`
	URL          string            `dynamodbav:"-" json:"html_url"`
	Workspace    string            `dynamodbav:"workspace_id" json:"workspace_id"`
	Name         string            `dynamodbav:"secret_name" json:"name"`
	Kind         string            `dynamodbav:"kind" json:"kind"`
	Description  string            `dynamodbav:"description" json:"description,omitempty"`
	Labels       map[string]string `dynamodbav:"label_map" json:"labels,omitempty"`
	State        string            `dynamodbav:"secret_state" json:"state"`
	Validation   *struct{}         `dynamodbav:"-" json:"validation"`
	Aliases      map[string]int    `dynamodbav:"version_aliases" json:"version_aliases,omitempty"`
	Count        int               `dynamodbav:"version_count" json:"version_count"`
	EnabledCount int               `dynamodbav:"enabled_version_count" json:"enabled_version_count"`
	CreatedAt    int64             `dynamodbav:"created_at" json:"created_at"`
	UpdatedAt    int64             `dynamodbav:"updated_at" json:"updated_at"`
	Revision     int64             `dynamodbav:"revision" json:"-"`
	Etag         string            `dynamodbav:"-" json:"etag"`
}

// bareList is a list of secrets by the SDK alone.
func bareList(b *testing.B, config aws.Config, read func([]map[string]types.AttributeValue) ([]bareSecret, error)) func() string {
	db := dynamodb.NewFromConfig(config)
	return func() string {
		out, err := db.Query(b.Context(), &dynamodb.QueryInput{
			TableName: aws.String("SecretsTable"), IndexName: aws.String("list"), Limit: aws.Int32(51),
			KeyConditionExpression:    aws.String("list_pk = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "ws_b#active"}},
			ProjectionExpression: aws.String(`workspace_id, id, secret_name, kind, description, label_map, mime_type,
				secret_state, validation, version_aliases, version_count, enabled_version_count, created_at, updated_at,
				deleted_at, purge_at, revision`),
		})
		if err != nil {
			b.Fatal(err)
		}
		var page struct {
			Data    []bareSecret `json:"data"`
			HasMore bool         `json:"has_more"`
			Next    *string      `json:"next_cursor"`
		}
		if page.Data, err = read(out.Items); err != nil {
			b.Fatal(err)
		}
		for i := range page.Data {
			s := &page.Data[i]
			s.URL = "https://x/workspaces/" + s.Workspace + "/secrets/" + s.ID
			s.Etag = strconv.FormatInt(s.Revision, 10)
		}
		text, err := json.Marshal(page)
		if err != nil {
			b.Fatal(err)
		}
		return string(text) + "\n"
	}
}

func readBySDK(rows []map[string]types.AttributeValue) (out []bareSecret, err error) {
	err = attributevalue.UnmarshalListOfMaps(rows, &out)
	return out, err
}

// readByHand reads rows of which it knows all about.
func readByHand(rows []map[string]types.AttributeValue) ([]bareSecret, error) {
	out := make([]bareSecret, len(rows))
	text := func(v types.AttributeValue) string { return v.(*types.AttributeValueMemberS).Value }
	number := func(v types.AttributeValue) int64 {
		n, _ := strconv.ParseInt(v.(*types.AttributeValueMemberN).Value, 10, 64)
		return n
	}
	for i, row := range rows {
		labels, aliases := map[string]string{}, map[string]int{}
		for name, value := range row["label_map"].(*types.AttributeValueMemberM).Value {
			labels[name] = text(value)
		}
		for name, value := range row["version_aliases"].(*types.AttributeValueMemberM).Value {
			aliases[name] = int(number(value))
		}
		out[i] = bareSecret{
			ID: text(row["id"]), Workspace: text(row["workspace_id"]), Name: text(row["secret_name"]), Kind: text(row["kind"]),
			Description: text(row["description"]), Labels: labels, State: text(row["secret_state"]), Aliases: aliases,
			Count: int(number(row["version_count"])), EnabledCount: int(number(row["enabled_version_count"])),
			CreatedAt: number(row["created_at"]), UpdatedAt: number(row["updated_at"]), Revision: number(row["revision"]),
		}
	}
	return out, nil
}
