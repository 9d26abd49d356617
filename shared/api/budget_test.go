package api_test

import (
	"slices"
	"testing"
)

func TestGetIsOneRead(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("get-secret", request{id: s.warm(id)}).want(200)
	s.wantCalls("dynamodb:GetItem")
}

func TestSoftDeleteIsOneUpdateItem(t *testing.T) {
	s := start(t)
	s.call("delete-secret", request{id: s.warm(s.create()), headers: with("if-match", "1")}).want(204)
	s.wantCalls("dynamodb:UpdateItem")
}

func TestUndeleteIsOneUpdateItem(t *testing.T) {
	s := start(t)
	s.call("undelete-secret", request{id: s.warm(s.deleted()), headers: with("if-match", "2")}).want(200)
	s.wantCalls("dynamodb:UpdateItem")
}

func TestUndeleteUnderAKeyIsOneTransactionAndOneRead(t *testing.T) {
	s := start(t)
	r := request{id: s.warm(s.deleted()), headers: with("if-match", "2", "idempotency-key", "k1")}
	s.call("undelete-secret", r).want(200)
	s.wantCalls("dynamodb:TransactWriteItems", "dynamodb:GetItem")
	s.cloud.ResetCalls()
	s.call("undelete-secret", r).want(200)
	s.wantCalls("dynamodb:TransactWriteItems")
}

func TestARefusedDeleteOrUndeleteNeedsNoSecondRead(t *testing.T) {
	s := start(t)
	s.call("delete-secret", request{id: s.warm(s.deleted()), headers: with("if-match", "2")}).want(404)
	s.wantCalls("dynamodb:UpdateItem")
	s.call("undelete-secret", request{id: s.warm(s.deleted()), headers: with("if-match", "1")}).want(409)
	s.wantCalls("dynamodb:UpdateItem")
}

func TestCreateIsOneTransactionAndOneKeyOperation(t *testing.T) {
	s := start(t)
	s.create()
	s.cloud.ResetCalls()
	s.create()
	s.wantCalls("kms:GenerateDataKey", "dynamodb:TransactWriteItems")
}

func TestCreateWithAKeyFingerprintsInParallel(t *testing.T) {
	s := start(t)
	s.create()
	meet := s.rendezvous("kms:GenerateDataKey", "kms:GenerateMac")
	s.cloud.ResetCalls()
	s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: body(createBody)}).want(201)
	calls := s.cloud.Calls()
	slices.Sort(calls[:2])
	if !slices.Equal(calls, []string{"kms:GenerateDataKey", "kms:GenerateMac", "dynamodb:TransactWriteItems"}) {
		t.Errorf("calls %v", calls)
	}
	meet.check(t)
}

func TestANewVersionIsOneStepOfThreeCallsAndOneTransaction(t *testing.T) {
	s := start(t)
	id := s.create()
	together := []string{"dynamodb:GetItem", "kms:GenerateDataKey", "kms:GenerateMac"}
	meet := s.rendezvous(together...)
	r := request{id: s.warm(id), headers: with("idempotency-key", "k1"), body: body(`{"value":"x"}`)}
	s.call("create-secret-version", r).want(201)
	s.wantSteps(together, []string{"dynamodb:TransactWriteItems"})
	meet.check(t)
}

func TestANewVersionWhoseNumberIsTakenNeedsNoOtherDataKey(t *testing.T) {
	s := start(t)
	id := s.create()
	s.meetAnother(id)
	s.call("create-secret-version", request{id: s.warm(id), body: body(`{"value":"x"}`)}).want(201)
	if n := s.called("kms:GenerateDataKey"); n != 2 { // one for each of the two versions
		t.Errorf("%d data keys for two versions", n)
	}
}

// A job may open credentials of Hetzner Cloud and nothing else, by a condition on the kind that KMS is
// told. That is known only after the read.
func TestANewVersionOfAValidatedCredentialAsksForASecondDataKey(t *testing.T) {
	s := start(t)
	id := s.createOf("cloud_provider/hcloud")
	s.call("create-secret-version", request{id: s.warm(id), body: body(`{"value":"x"}`)}).want(201)
	s.wantSteps([]string{"dynamodb:GetItem", "kms:GenerateDataKey"}, []string{"kms:GenerateDataKey"}, []string{"dynamodb:TransactWriteItems"})
}

func TestAccessIsOneReadThenAuditAndDecryptInParallel(t *testing.T) {
	s := start(t)
	for vid, read := range map[string]string{"latest": "dynamodb:Query", "id": "dynamodb:BatchGetItem"} {
		id := s.create()
		if vid == "id" {
			vid = firstVersionOf(id)
		}
		meet := s.rendezvous("dynamodb:PutItem", "kms:Decrypt")
		s.call("access-secret-version", request{id: s.warm(id), vid: vid}).want(200)
		calls := s.cloud.Calls()
		if len(calls) != 3 || calls[0] != read {
			t.Fatalf("calls %v", calls)
		}
		slices.Sort(calls[1:])
		if !slices.Equal(calls[1:], []string{"dynamodb:PutItem", "kms:Decrypt"}) {
			t.Errorf("calls %v", calls)
		}
		meet.check(t)
	}
}

func TestMetadataOperationsNeverAskKMS(t *testing.T) {
	s := start(t)
	id := s.warm(s.create())
	s.call("get-secret", request{id: id}).want(200)
	s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2", "idempotency-key", "k")}).want(200)
	for _, call := range s.cloud.Calls() {
		if call[:4] == "kms:" {
			t.Errorf("the call %s", call)
		}
	}
}

func TestVersionBudgets(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)

	s.cloud.ResetCalls()
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x"}`)}).want(201)
	s.wantSteps([]string{"dynamodb:GetItem", "kms:GenerateDataKey"}, []string{"dynamodb:TransactWriteItems"})

	for operation, calls := range map[string][]string{
		"get-secret-version":   {"dynamodb:GetItem", "dynamodb:Query"},
		"list-secret-versions": {"dynamodb:GetItem", "dynamodb:Query"},
	} {
		meet := s.rendezvous(calls[0], calls[1])
		s.call(operation, request{id: id, vid: vid}).want(200)
		meet.check(t)
	}
	s.cloud.Hook(nil)
	s.cloud.ResetCalls()
	s.call("list-secrets", request{}).want(200)
	s.wantCalls("dynamodb:Query")
}

// A transaction returns no row: what no change touches is read while it is under way.
func TestAChangeOfAVersionIsOneTransactionWithAReadBesideIt(t *testing.T) {
	s := start(t)
	disabled, enabled := s.create(), s.create()
	for _, c := range []struct {
		operation, id string
		headers       map[string]string
	}{
		{"disable-secret-version", disabled, with("if-match", "1000000001")},
		{"enable-secret-version", disabled, with("if-match", "1000000002", "idempotency-key", "k")},
		{"disable-secret-version", disabled, with("if-match", "1000000003")},
		{"destroy-secret-version", disabled, with("if-match", "1000000004")},
		{"destroy-secret-version", enabled, with("if-match", "1000000001")},
	} {
		meet := s.rendezvous("dynamodb:Query", "dynamodb:TransactWriteItems")
		s.call(c.operation, request{id: s.warm(c.id), vid: firstVersionOf(c.id), headers: c.headers}).want(200)
		calls := s.cloud.Calls()
		slices.Sort(calls)
		if !slices.Equal(calls, []string{"dynamodb:Query", "dynamodb:TransactWriteItems"}) {
			t.Errorf("%s %s: calls %v", c.operation, c.headers["if-match"], calls)
		}
		meet.check(t)
	}
}

func TestAChangeOfAVersionThatIsNoneOrIsRefusedIsOneStepToo(t *testing.T) {
	s := start(t)
	id := s.create()
	for operation, want := range map[string]struct {
		etag   string
		status int
	}{
		"enable-secret-version":  {"1000000001", 200}, // it is enabled
		"disable-secret-version": {"7", 409},
		"destroy-secret-version": {"1000000002", 409},
	} {
		meet := s.rendezvous("dynamodb:Query", "dynamodb:TransactWriteItems")
		s.call(operation, request{id: s.warm(id), vid: firstVersionOf(id), headers: with("if-match", want.etag)}).want(want.status)
		if calls := s.cloud.Calls(); len(calls) != 2 {
			t.Errorf("%s: calls %v", operation, calls)
		}
		meet.check(t)
	}
}
