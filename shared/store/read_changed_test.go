package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloudtest"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// ordered is a DynamoDB that carries out a change's transaction and the read beside it one after the
// other, and lets something happen in between.
type ordered struct {
	*dynamodb.Client
	readFirst bool
	between   func()
	refusal   error // of the read; nil: none
	first     chan struct{}
}

func (d *ordered) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if d.refusal != nil {
		return nil, d.refusal
	}
	if !d.readFirst {
		<-d.first
		return d.Client.Query(ctx, in, options...)
	}
	out, err := d.Client.Query(ctx, in, options...)
	if d.between != nil {
		d.between()
		d.between = nil
		close(d.first)
	}
	return out, err
}

func (d *ordered) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if d.readFirst {
		<-d.first
	}
	out, err := d.Client.TransactWriteItems(ctx, in, options...)
	if !d.readFirst {
		d.between()
		close(d.first)
	}
	return out, err
}

func startOrdered(t *testing.T) (s table, db *ordered, through *store.Store) {
	t.Helper()
	cloud := cloudtest.Start(t, cloudtest.Calm)
	db = &ordered{Client: dynamodb.NewFromConfig(cloud.Config()), first: make(chan struct{})}
	return table{store.New(db.Client, "SecretsTable"), cloud}, db, store.New(db, "SecretsTable")
}

func disable(t *testing.T, in *store.Store, v secret.VersionRef) (secret.Version, error) {
	t.Helper()
	return in.ChangeVersion(t.Context(), store.ChangeVersion{Version: v, To: secret.Disabled, IfMatch: v.FirstEtag()}, by(noon))
}

func TestAChangeOfAVersionThatWasMadeSinceItWasLookedForShowsAllOfIt(t *testing.T) {
	s, db, through := startOrdered(t)
	of := s.make(t)
	db.readFirst, db.between = true, func() {
		if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed, Comment: "second"}, by(noon)); err != nil {
			t.Error(err)
		}
	}
	changed, err := disable(t, through, of.Version(2))
	if err != nil || changed.Comment != "second" || !changed.CreatedAt.Equal(noon) || changed.State != secret.Disabled {
		t.Errorf("%+v, %v", changed, err)
	}
}

func TestAChangeOfAVersionThatIsErasedRightAfterItIsNotCalledNotFound(t *testing.T) {
	s, db, through := startOrdered(t)
	of := s.make(t)
	db.between = func() {
		if err := s.MarkForce(t.Context(), of.Ref, of.Etag+1, by(noon), at(noon)); err != nil {
			t.Error(err)
		}
		if _, err := s.Purge(t.Context(), of.Ref); err != nil {
			t.Error(err)
		}
	}
	if changed, err := disable(t, through, of.Version(1)); code(err) != fault.Unavailable {
		t.Errorf("%+v, %v", changed, err)
	}
}

func TestAChangeThatCannotBeShownIsUnavailableAndNotThrottledForItMayBeDone(t *testing.T) {
	s, db, through := startOrdered(t)
	of := s.make(t)
	db.between = func() {}
	db.refusal = fault.NewThrottled(errors.New("not now"))
	if changed, err := disable(t, through, of.Version(1)); code(err) != fault.Unavailable {
		t.Errorf("%+v, %v", changed, err)
	}
	if found, err := s.GetVersion(t.Context(), of.Version(1)); err != nil || found.State != secret.Disabled {
		t.Errorf("%+v, %v", found, err)
	}
}
