package api_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/api"
	"keepsake/shared/auth"
)

func TestABackendThatDoesNotAnswerIsUnavailable(t *testing.T) {
	s := start(t)
	active, deleted := s.create(), s.deleted()
	requests := map[string]request{
		"create-secret":         {body: body(createBody)},
		"get-secret":            {id: active},
		"delete-secret":         {id: active, headers: with("if-match", "1")},
		"undelete-secret":       {id: deleted, headers: with("if-match", "2")},
		"access-secret-version": {id: active},
		"access-named-version":  {name: "db"},
	}
	faults := map[string]wire.Verdict{
		"connection cut": wire.LoseRequest(),
		"server error":   wire.Refuse(500, "InternalServerError", "internal words"),
	}
	for name, verdict := range faults {
		s.fail("dynamodb", verdict)
		for operation, r := range requests {
			a := s.call(operation, r)
			a.fault(503, 7011)
			if a.headers["Retry-After"] == "" || strings.Contains(a.text, "internal words") {
				t.Errorf("%s, %s: headers %v, body %s", name, operation, a.headers, a.text)
			}
		}
	}
}

func TestAnUnansweredCallEndsWithinTheFunctionsTime(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.Hang())
	const limit = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s.callWithin(ctx, "get-secret", request{id: id}).fault(503, 7011)
	if ctx.Err() != nil {
		t.Error("the response came after the function's time")
	}
}

func TestThrottlingIsToldWithRetryAfter(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.Refuse(400, "ProvisionedThroughputExceededException", "words"))
	a := s.call("get-secret", request{id: id})
	a.fault(429, 7008)
	if a.headers["Retry-After"] == "" {
		t.Error("no Retry-After")
	}
	s.fail("kms", wire.Refuse(400, "ThrottlingException", "words"))
	s.call("access-secret-version", request{id: id}).fault(429, 7008)
}

func TestAMomentOfThrottlingOrConflictIsNotSeenOutside(t *testing.T) {
	s := start(t)
	id := s.deleted()
	passing := []wire.Verdict{
		wire.Refuse(400, "ThrottlingException", ""),
		wire.Refuse(400, "TransactionConflictException", ""),
	}
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != "UpdateItem" || len(passing) == 0 {
			return wire.Pass()
		}
		v := passing[0]
		passing = passing[1:]
		return v
	})
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)

	conflict := wire.Refuse(400, "TransactionCanceledException", "").With("CancellationReasons",
		[]map[string]string{{"Code": "None"}, {"Code": "None"}, {"Code": "TransactionConflict"}})
	once := true
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != "TransactWriteItems" || !once {
			return wire.Pass()
		}
		once = false
		return conflict
	})
	s.call("create-secret", request{headers: with("idempotency-key", "k"), body: body(createBody)}).want(201)
}

// The version is not as it was expected, and whether the secret is deleted has not been looked at.
func TestARefusalThatHasNotSeenEveryRowIsNotBelieved(t *testing.T) {
	s := start(t)
	id := s.create()
	half := wire.Refuse(400, "TransactionCanceledException", "").With("CancellationReasons",
		[]map[string]string{{"Code": "ConditionalCheckFailed"}, {"Code": "TransactionConflict"}})
	s.meanwhile("TransactWriteItems", half, func() {})
	s.changeVersion("disable", firstVersionOf(id), id, "1000000001", "").want(200)
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" {
			return half
		}
		return wire.Pass()
	})
	s.changeVersion("enable", firstVersionOf(id), id, "1000000002", "").fault(503, 7011)
}

func TestAWriteThatMeetsAnotherTransactionEachTimeIsUnavailable(t *testing.T) {
	s := start(t)
	id, active := s.deleted(), s.create()
	busy := wire.Refuse(400, "TransactionCanceledException", "").With("CancellationReasons",
		[]map[string]string{{"Code": "None"}, {"Code": "TransactionConflict"}})
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" {
			return busy
		}
		return wire.Pass()
	})
	s.undelete(id, "2", "k1").fault(503, 7011)
	s.call("create-secret", request{body: body(createBody)}).fault(503, 7011)
	s.call("create-secret-version", request{id: active, body: body(`{"value":"v"}`)}).fault(503, 7011)
}

func TestWithoutKMSMetadataAndUndeleteGoOn(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.fail("kms", wire.LoseRequest())
	s.call("get-secret", request{id: id}).want(200)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
	s.call("access-secret-version", request{id: id}).fault(503, 7011)
	s.call("create-secret", request{body: body(createBody)}).fault(503, 7011)
	if n := len(s.rowsOf("SecretsTable", "meta")); n != 1 {
		t.Errorf("%d secrets in the table", n)
	}
}

func TestADisabledKeyIsUnavailableAndTheRequestIsGood(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, code := range []string{"DisabledException", "KMSInvalidStateException", "KeyUnavailableException"} {
		s.fail("kms", wire.Refuse(400, code, "words"))
		s.call("access-secret-version", request{id: id}).fault(503, 7011)
	}
}

func TestARefusalByAWSIsAnInternalErrorThatTellsNothing(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.Refuse(400, "AccessDeniedException", "arn:aws:iam::secret-account"))
	a := s.call("get-secret", request{id: id})
	if e := a.fault(500, 7009); e["message"] != "Internal Error" || strings.Contains(a.text, "arn:") {
		t.Errorf("body %s", a.text)
	}
	if !strings.Contains(s.log.String(), "AccessDeniedException") {
		t.Error("the cause is not in the log")
	}
}

func TestAPanicIsAnInternalErrorThatTellsNothing(t *testing.T) {
	s := start(t)
	s.now = time.Time{} // also before 1970
	panicking := s.panicking(plaintext)
	response, err := panicking(t.Context(), s.event("get-secret", request{}))
	if err != nil || response.StatusCode != 500 || !strings.Contains(response.Body, `"code":7009`) {
		t.Errorf("%v, %d %s", err, response.StatusCode, response.Body)
	}
	if strings.Contains(s.log.String(), plaintext) || !strings.Contains(s.log.String(), "panic: a string") {
		t.Errorf("log %s", s.log.String())
	}
}

func TestAFaultOfAWSThatHasNoKnownNameIsUnavailable(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.Refuse(502, "NobodyKnowsException", "no"))
	s.call("get-secret", request{id: id}).fault(503, 7011)
}

// panicking returns get-secret with an authenticator that panics with what.
func (s *service) panicking(what string) api.Handler {
	edge := api.Edge{Credentials: panicker(what), Now: time.Now, Log: slogTo(&s.log), OriginKey: os.Getenv("ORIGIN_KEY")}
	return api.GetSecret(edge, nil, "")
}

type panicker string

func (p panicker) Authenticate(context.Context, string, time.Time) (auth.Principal, error) {
	panic(string(p))
}
