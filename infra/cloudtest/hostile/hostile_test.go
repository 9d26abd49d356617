package hostile_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
)

type item map[string]types.AttributeValue

// secrets is a cloud's secrets table.
type secrets struct {
	t *testing.T
	c *cloudtest.Cloud
}

func (s secrets) client() *dynamodb.Client { return dynamodb.NewFromConfig(s.c.Config()) }

func (s secrets) table() *string { return aws.String("SecretsTable") }

func (s secrets) put(i item) {
	s.t.Helper()
	if _, err := s.client().PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: s.table(), Item: i}); err != nil {
		s.t.Fatal(err)
	}
}

// row returns an item of the table or, without a rev, its key.
func row(pk, sk, rev string) item {
	i := item{"pk": str(pk), "sk": str(sk)}
	if rev != "" {
		i["rev"] = str(rev)
	}
	return i
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func text(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// rev reads a row of a and returns its rev, or "" if the row does not exist.
func (s secrets) rev(sk string, consistent bool) string {
	s.t.Helper()
	out, err := s.client().GetItem(s.t.Context(), &dynamodb.GetItemInput{TableName: s.table(), Key: row("a", sk, ""), ConsistentRead: &consistent})
	if err != nil {
		s.t.Fatal(err)
	}
	return text(out.Item["rev"])
}

func TestAReadThatIsNotConsistentSeesTheStateBeforeTheLastWrite(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	want := func(stale, current string) {
		t.Helper()
		if got, now := s.rev("meta", false), s.rev("meta", true); got != stale || now != current {
			t.Errorf("the reads see %q and, consistent, %q; want %q and %q", got, now, stale, current)
		}
	}
	s.put(row("a", "meta", "1"))
	want("", "1")
	s.put(row("a", "meta", "2"))
	want("1", "2")
	_, _ = s.client().DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: s.table(), Key: row("a", "meta", "")})
	want("2", "")
	s.put(row("b", "meta", "1"))
	want("", "")
}

func TestARefusedWriteIsNotTheLastOne(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	s.put(row("a", "meta", "1"))
	_, err := s.client().PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: s.table(), Item: row("a", "meta", "2"), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	if err == nil || s.rev("meta", false) != "" {
		t.Errorf("%v, then %q", err, s.rev("meta", false))
	}
}

func TestScansAndQueriesAreLateUntilSettle(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	put := func(n int) {
		i := row("a", fmt.Sprint("v#", n), "1")
		i["list_pk"], i["list_sk"] = str("ws#active"), str(fmt.Sprint("generic#", n))
		s.put(i)
	}
	count := func(index string, consistent bool) int {
		t.Helper()
		out, err := s.client().Query(t.Context(), &dynamodb.QueryInput{
			TableName: s.table(), IndexName: aws.String(index), ConsistentRead: &consistent,
			KeyConditionExpression:    aws.String("list_pk = :pk"),
			ExpressionAttributeValues: item{":pk": str("ws#active")},
		})
		if err != nil {
			t.Fatal(err)
		}
		return int(out.Count)
	}
	put(1)
	put(2)
	if n := count("list", false); n != 1 {
		t.Errorf("after the last write the index has %d of 2 rows, want 1", n)
	}
	if out, err := s.client().Scan(t.Context(), &dynamodb.ScanInput{TableName: s.table()}); err != nil || out.Count != 1 {
		t.Errorf("a scan: %v, %v", out, err)
	}
	c.Settle()
	if n := count("list", false); n != 2 {
		t.Errorf("after Settle the index has %d of 2 rows", n)
	}
	put(3)
	if n := count("list", false); n != 2 {
		t.Errorf("after one more write it has %d of 3 rows, want 2", n)
	}
}

func TestACalmCloudShowsWhatWasJustWritten(t *testing.T) {
	s := secrets{t, cloudtest.Start(t, cloudtest.Calm)}
	s.put(row("a", "meta", "1"))
	if got := s.rev("meta", false); got != "1" {
		t.Errorf("the row has %q, want 1", got)
	}
}

func TestTheReplicaForgetsWhatHasExpired(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	expired := row("a", "meta", "7")
	expired["ttl"] = &types.AttributeValueMemberN{Value: "1700000000"}
	s.put(expired)
	s.put(row("b", "meta", "1"))
	if s.rev("meta", false) != "7" {
		t.Error("the row is not there before the sweep")
	}
	c.SweepTTL(t)
	if got := s.rev("meta", false); got != "" {
		t.Errorf("after the sweep the row has %q", got)
	}
}

// delete25 deletes 25 rows with one batch. If again is set, it sends what was left again.
func (s secrets) delete25(again bool) (left int) {
	s.t.Helper()
	var deletes []types.WriteRequest
	for i := range 25 {
		s.put(row("a", fmt.Sprint("v#", i), "1"))
		deletes = append(deletes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: row("a", fmt.Sprint("v#", i), "")}})
	}
	requests := map[string][]types.WriteRequest{*s.table(): deletes}
	for len(requests) > 0 {
		out, err := s.client().BatchWriteItem(s.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: requests})
		if err != nil {
			s.t.Fatal(err)
		}
		if requests = out.UnprocessedItems; !again {
			break
		}
	}
	out, err := s.client().Scan(s.t.Context(), &dynamodb.ScanInput{TableName: s.table(), ConsistentRead: aws.Bool(true)})
	if err != nil || int(out.Count) != len(requests[*s.table()]) {
		s.t.Errorf("%d rows are left, and %d are named as unprocessed (%v)", out.Count, len(requests[*s.table()]), err)
	}
	return int(out.Count)
}

func TestABatchIsWrittenInPartUntilTheRestIsSentAgain(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	partly := false
	for i := 0; i < 100 && !partly; i++ { // one in three is performed in part
		partly = s.delete25(false) > 0
		if left := s.delete25(true); left > 0 {
			t.Errorf("%d rows are left though the rest was sent again", left)
		}
	}
	if !partly {
		t.Error("all of a hundred batches were performed whole")
	}
}

func TestABatchIsWholeForATestThatCounts(t *testing.T) {
	c := cloudtest.Start(t)
	c.ResetCalls()
	s := secrets{t, c}
	for range 12 {
		if left := s.delete25(false); left > 0 {
			t.Errorf("%d rows are left", left)
		}
	}
}

// pair writes the rows a/1 and a/2 in one transaction.
func (s secrets) pair(rev string) error {
	put := func(sk string) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{TableName: s.table(), Item: row("a", sk, rev)}}
	}
	_, err := s.client().TransactWriteItems(s.t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{put("1"), put("2")},
	})
	return err
}

// batch reads both.
func (s secrets) batch() []string {
	s.t.Helper()
	out, err := s.client().BatchGetItem(s.t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*s.table(): {Keys: []map[string]types.AttributeValue{row("a", "1", ""), row("a", "2", "")}, ConsistentRead: aws.Bool(true)},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	var revs []string
	for _, i := range out.Responses[*s.table()] {
		revs = append(revs, text(i["rev"]))
	}
	slices.Sort(revs)
	return revs
}

func TestTheRowsOfATransactionAppearOneByOne(t *testing.T) {
	c := cloudtest.Start(t)
	c.ResetCalls() // the reads below need whole batches
	s := secrets{t, c}
	if err := s.pair("1"); err != nil {
		t.Fatal(err)
	}
	var seen [][]string
	c.DuringTransactions(func() { seen = append(seen, s.batch(), s.batch(), s.batch()) })
	if err := s.pair("2"); err != nil {
		t.Fatal(err)
	}
	c.DuringTransactions(nil)
	seen = append(seen, s.batch())
	if got := fmt.Sprint(seen); got != "[[1 1] [1 2] [2 2] [2 2]]" {
		t.Errorf("reads during the transaction and after it see %s", got)
	}
}

func TestARowThatWasSeenStaysSeenAndAnotherCallIsNotHeldUp(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	if err := s.pair("1"); err != nil {
		t.Fatal(err)
	}
	var seen []string
	c.DuringTransactions(func() {
		c.DuringTransactions(nil)
		s.put(row("b", "other", "1"))
		for range 4 {
			seen = append(seen, s.rev("1", true)+s.rev("2", true))
		}
	})
	if err := s.pair("2"); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(seen) || seen[0] == "22" || seen[3] != "22" {
		t.Errorf("in their order the reads see %q", seen)
	}
}

func TestAWriteOfATransactionsRowComesAfterTheTransaction(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	done := make(chan struct{})
	c.DuringTransactions(func() {
		c.DuringTransactions(nil)
		go func() {
			defer close(done)
			_, err := s.client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: s.table(), Item: row("a", "1", "9")})
			if err != nil {
				t.Error(err)
			}
		}()
		if got := s.rev("1", true); got == "9" {
			t.Error("the write came before the end of the transaction")
		}
	})
	if err := s.pair("2"); err != nil {
		t.Fatal(err)
	}
	<-done
	if got := s.rev("1", true); got != "9" {
		t.Errorf("in the end the row has %q", got)
	}
}

func TestARequestThatComesLateIsPerformedTwice(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	s.put(item{"pk": str("a"), "sk": str("meta"), "n": &types.AttributeValueMemberN{Value: "0"}})
	late := wire.ArriveLate(1)
	c.Hook(func(wire.Call) wire.Verdict { v := late; late = wire.Pass(); return v })
	_, err := s.client().UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: s.table(), Key: row("a", "meta", ""), UpdateExpression: aws.String("ADD n :one"),
		ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Drain()
	out, err := s.client().GetItem(t.Context(), &dynamodb.GetItemInput{TableName: s.table(), Key: row("a", "meta", ""), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	if n := out.Item["n"].(*types.AttributeValueMemberN).Value; n != "2" {
		t.Errorf("the request was performed %s times", n)
	}
}

func TestFaultsAreThoseOfTheirSeedAndAsTheSDKKnowsThem(t *testing.T) {
	play := func() (fates []string, kinds map[string]bool) {
		s := secrets{t, cloudtest.Start(t, cloudtest.WithFaults(5))}
		kinds = map[string]bool{}
		client := dynamodb.NewFromConfig(s.c.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
		for i := range 600 {
			if i%2 == 0 {
				_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: s.table(), Item: row("a", "1", "1")})
				fates = append(fates, fate(err))
				kinds[fate(err)] = true
				continue
			}
			_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: s.table(), Item: row("a", "1", "1")}}, {Put: &types.Put{TableName: s.table(), Item: row("a", "2", "1")}},
			}})
			fates = append(fates, fate(err))
			kinds[fate(err)] = true
		}
		s.c.StopFaults()
		if err := s.pair("2"); err != nil {
			t.Error(err)
		}
		return fates, kinds
	}
	fates, kinds := play()
	for _, want := range []string{"", "cut", "TransactionConflict", "ThrottlingError", "conflict",
		"RequestLimitExceeded TableWriteAccountLimitExceeded", "ProvisionedThroughputExceeded TableWriteKeyRangeThroughputExceeded"} {
		if !kinds[want] {
			t.Errorf("of 600 calls none ended with %q, only with %v", want, kinds)
		}
	}
	if again, _ := play(); !slices.Equal(fates, again) {
		t.Error("the same seed had other faults")
	}
}

// fate returns how a call ended, by the SDK's error.
func fate(err error) string {
	var cancelled *types.TransactionCanceledException
	var limited *types.RequestLimitExceeded
	var exceeded *types.ProvisionedThroughputExceededException
	var conflict *types.TransactionConflictException
	var throttled *types.ThrottlingException
	switch {
	case err == nil:
		return ""
	case errors.As(err, &cancelled):
		for _, r := range cancelled.CancellationReasons {
			if code := aws.ToString(r.Code); code != "None" {
				return code
			}
		}
	case errors.As(err, &conflict):
		return "conflict"
	case errors.As(err, &limited):
		return "RequestLimitExceeded " + aws.ToString(limited.ThrottlingReasons[0].Reason)
	case errors.As(err, &exceeded):
		return "ProvisionedThroughputExceeded " + aws.ToString(exceeded.ThrottlingReasons[0].Reason)
	case errors.As(err, &throttled):
		return "Throttling " + aws.ToString(throttled.ThrottlingReasons[0].Reason)
	}
	return "cut"
}

func TestATransactionThatComesTwiceUnderItsTokenIsOne(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	for range 2 {
		_, err := s.client().TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			ClientRequestToken: aws.String("token"),
			TransactItems: []types.TransactWriteItem{{Put: &types.Put{
				TableName: s.table(), Item: row("a", "1", "1"), ConditionExpression: aws.String("attribute_not_exists(pk)"),
			}}},
		})
		if err != nil {
			t.Error(err)
		}
	}
}
