package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"keepsake/infra/cloud/wire"
)

// service plays an engine. It returns an empty object to every call and counts the calls.
type service struct {
	*httptest.Server
	performed atomic.Int32
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.performed.Add(1)
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestACallReachesItsServiceAndIsNamed(t *testing.T) {
	data, keys := newService(t), newService(t)
	var calls []wire.Call
	config := front(t, data, keys, func(c wire.Call) wire.Verdict {
		calls = append(calls, c)
		return wire.Pass()
	})
	if _, err := dynamodb.NewFromConfig(config).UpdateItem(t.Context(), update()); err != nil {
		t.Error(err)
	}
	if _, err := kms.NewFromConfig(config).Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: []byte("x")}); err != nil {
		t.Error(err)
	}
	if data.performed.Load() != 1 || keys.performed.Load() != 1 {
		t.Errorf("DynamoDB performed %d, KMS %d; want one each", data.performed.Load(), keys.performed.Load())
	}
	if len(calls) != 2 || calls[0].Name() != "dynamodb:UpdateItem" || calls[1].Name() != "kms:Decrypt" {
		t.Fatalf("the hook saw %v", calls)
	}
	if calls[0].AccessKey != "ASIATEST" {
		t.Errorf("the caller's access key is %q", calls[0].AccessKey)
	}
	if !strings.Contains(string(calls[0].Body), `"TableName":"ThingsTable"`) {
		t.Errorf("the call's body is %s", calls[0].Body)
	}
}

func TestARefusedCallIsNotPerformed(t *testing.T) {
	data := newService(t)
	config := front(t, data, data, func(wire.Call) wire.Verdict {
		return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", "not yours")
	})
	_, err := dynamodb.NewFromConfig(config).UpdateItem(t.Context(), update())
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != "AccessDeniedException" || refusal.ErrorMessage() != "not yours" {
		t.Errorf("the caller sees %v", err)
	}
	if got := data.performed.Load(); got != 0 {
		t.Errorf("%d calls were performed", got)
	}
}

func TestARefusalCanCarryTheReasonsOfACancelledTransaction(t *testing.T) {
	data := newService(t)
	config := front(t, data, data, func(wire.Call) wire.Verdict {
		return wire.Refuse(http.StatusBadRequest, "TransactionCanceledException", "cancelled").
			With("CancellationReasons", []map[string]string{{"Code": "TransactionConflict"}, {"Code": "None"}})
	})
	_, err := dynamodb.NewFromConfig(config).TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Delete: &types.Delete{TableName: aws.String("ThingsTable"), Key: update().Key}}},
	})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 || *cancelled.CancellationReasons[0].Code != "TransactionConflict" {
		t.Errorf("the caller sees %v", err)
	}
}

func TestALostAnswerWasPerformedAndALostRequestWasNot(t *testing.T) {
	for name, c := range map[string]struct {
		verdict   wire.Verdict
		performed int32
	}{
		"answer":  {wire.LoseAnswer(), 1},
		"request": {wire.LoseRequest(), 0},
	} {
		t.Run(name, func(t *testing.T) {
			data := newService(t)
			config := front(t, data, data, func(wire.Call) wire.Verdict { return c.verdict })
			_, err := dynamodb.NewFromConfig(config).UpdateItem(t.Context(), update())
			if !errors.Is(err, io.EOF) {
				t.Errorf("the caller sees %v, want the end of the connection", err)
			}
			if got := data.performed.Load(); got != c.performed {
				t.Errorf("%d calls were performed, want %d", got, c.performed)
			}
		})
	}
}

func TestAHangingCallEndsWhenItsCallerGivesUp(t *testing.T) {
	data := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	config := front(t, data, data, func(wire.Call) wire.Verdict {
		cancel() // the caller gives up while the call hangs
		return wire.Hang()
	})
	if _, err := dynamodb.NewFromConfig(config).UpdateItem(ctx, update()); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller sees %v", err)
	}
	if got := data.performed.Load(); got != 0 {
		t.Errorf("%d calls were performed", got)
	}
}

func TestADeadServiceEndsTheConnection(t *testing.T) {
	data := newService(t)
	config := front(t, data, data, nil)
	data.Close()
	if _, err := dynamodb.NewFromConfig(config).UpdateItem(t.Context(), update()); !errors.Is(err, io.EOF) {
		t.Errorf("the caller sees %v, want the end of the connection", err)
	}
}

func TestACallWithoutAServiceIsRefused(t *testing.T) {
	proxy := wire.New("http://127.0.0.1:0", "http://127.0.0.1:0", nil)
	for _, target := range []string{"", "DynamoDB_20120810", "DynamoDB_20120810.", "AmazonSQS.SendMessage"} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		request.Header.Set("X-Amz-Target", target)
		response := httptest.NewRecorder()
		proxy.ServeHTTP(response, request)
		if response.Code != http.StatusBadRequest || !strings.Contains(response.Body.String(), "UnknownOperationException") {
			t.Errorf("%q gets %d %s", target, response.Code, response.Body)
		}
	}
}

// front starts a proxy and returns a configuration for clients that call it without retries.
func front(t *testing.T, data, keys *service, hook wire.Hook) aws.Config {
	t.Helper()
	server := httptest.NewServer(wire.New(data.URL, keys.URL, hook))
	t.Cleanup(server.Close)
	return aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("ASIATEST", "secret", ""),
		BaseEndpoint: aws.String(server.URL),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func update() *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{
		TableName: aws.String("ThingsTable"),
		Key:       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}},
	}
}
