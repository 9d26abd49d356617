package store_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloudtest"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func TestTheLatestOfManyVersionsIsTheNewest(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	for range 10 {
		v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		of.VersionCount = v.Number
	}
	if read, err := s.ReadLatestVersion(t.Context(), of.Ref); err != nil || read.Version.Number != 11 {
		t.Errorf("the latest is %d, %v", read.Version.Number, err)
	}
}

// tornQuery is a client whose Query does meanwhile after it has read the first row and before it reads the others.
type tornQuery struct {
	*dynamodb.Client
	meanwhile func()
}

func (c tornQuery) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	before, err := c.Client.Query(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	c.meanwhile()
	out, err := c.Client.Query(ctx, in, options...)
	if err == nil {
		out.Items[0] = before.Items[0]
	}
	return out, err
}

func TestALatestVersionThatIsNotTheNewestIsReadOnlyIfNoneIsBeingErased(t *testing.T) {
	cloud := cloudtest.Start(t, cloudtest.Calm)
	client := dynamodb.NewFromConfig(cloud.Config())
	s := table{store.New(client, "SecretsTable"), cloud}
	of := s.make(t)
	second, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
	if err != nil {
		t.Fatal(err)
	}
	etag := of.Etag + 1
	erasing := store.New(tornQuery{client, func() { // a hard delete, interrupted after it has erased the second version
		if err := s.MarkForce(t.Context(), of.Ref, etag, by(noon), at(noon)); err != nil {
			t.Fatal(err)
		}
		s.erase(t, of.Ref, "v#0000000002")
	}}, "SecretsTable")
	read, err := erasing.ReadLatestVersion(t.Context(), of.Ref)
	if err == nil && read.Secret.RefuseAccess(read.Version, noon) == nil {
		t.Errorf("version %d is read as the latest of a secret that had %d", read.Version.Number, second.Number)
	}

	gone := store.New(tornQuery{client, func() {
		s.erase(t, of.Ref, "meta")
	}}, "SecretsTable")
	if _, err := gone.ReadLatestVersion(t.Context(), of.Ref); code(err) != fault.NotFound {
		t.Errorf("a secret that is gone: %v", err)
	}
}

func TestAVersionSaysHowItIsSealedUnlessAsTheFirstReleasesDid(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	second := sealed
	second.Format = secret.FormatTwo
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: second}, by(noon)); err != nil {
		t.Fatal(err)
	}
	wantAttributes(t, s.row(t, of.Ref, "v#0000000001"), false, "sealing_format")
	wantAttributes(t, s.row(t, of.Ref, "v#0000000002"), true, "sealing_format")
	for number, want := range map[int]secret.Format{1: secret.FormatOne, 2: secret.FormatTwo} {
		read, err := s.ReadVersion(t.Context(), of.Version(number))
		if err != nil || read.Sealed.Format != want {
			t.Errorf("version %d has format %d, %v", number, read.Sealed.Format, err)
		}
	}
}
