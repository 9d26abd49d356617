package store_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloudtest"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// metered is a DynamoDB that adds up what reads consume.
type metered struct {
	*dynamodb.Client
	mu    sync.Mutex
	units float64
}

func (d *metered) add(all ...types.ConsumedCapacity) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range all {
		d.units += *c.CapacityUnits
	}
}

func (d *metered) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := d.Client.Query(ctx, in, options...)
	if err == nil {
		d.add(*out.ConsumedCapacity)
	}
	return out, err
}

func (d *metered) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := d.Client.GetItem(ctx, in, options...)
	if err == nil {
		d.add(*out.ConsumedCapacity)
	}
	return out, err
}

func (d *metered) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := d.Client.BatchGetItem(ctx, in, options...)
	if err == nil {
		d.add(out.ConsumedCapacity...)
	}
	return out, err
}

// By the engine's count, which takes no unit for the index itself. AWS documents one for the index and
// one for each row that is fetched behind it: 3, and 19 for 64 KiB.
func TestWhatAReadOfAVersionConsumes(t *testing.T) {
	cloud := cloudtest.Start(t, cloudtest.Calm)
	db := &metered{Client: dynamodb.NewFromConfig(cloud.Config())}
	s := table{store.New(db, "SecretsTable"), cloud}
	small, large := s.make(t), s.make(t)
	for of, size := range map[*secret.Secret]int{&small: 10, &large: secret.MaxValueBytes} {
		payload := secret.Sealed{WrappedKey: sealed.WrappedKey, Ciphertext: bytes.Repeat([]byte{1}, size)}
		if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: *of, Sealed: payload}, by(noon)); err != nil {
			t.Fatal(err)
		}
	}
	single := s.make(t)
	for _, c := range []struct {
		name string
		read func() (store.Reading, error)
		want float64
	}{
		{"latest, by the index", func() (store.Reading, error) { return s.ReadLatestVersion(t.Context(), small.Ref) }, 2},
		{"newest, the first", func() (store.Reading, error) { return s.ReadNewestVersion(t.Context(), single.Version(1)) }, 1},
		{"newest, the second", func() (store.Reading, error) { return s.ReadNewestVersion(t.Context(), small.Version(2)) }, 2},
		{"by number", func() (store.Reading, error) { return s.ReadVersion(t.Context(), small.Version(2)) }, 2},
		{"64 KiB, latest, by the index", func() (store.Reading, error) { return s.ReadLatestVersion(t.Context(), large.Ref) }, 18},
		{"64 KiB, newest", func() (store.Reading, error) { return s.ReadNewestVersion(t.Context(), large.Version(2)) }, 18},
	} {
		db.units = 0
		if _, err := c.read(); err != nil || db.units != c.want {
			t.Errorf("%s: %v units, want %v (%v)", c.name, db.units, c.want, err)
		}
	}
}

func TestTheNewestVersionIsFoundOnlyIfItIsTheNewest(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	newest := func(number int, want fault.Kind) {
		t.Helper()
		read, err := s.ReadNewestVersion(t.Context(), of.Version(number))
		if code(err) != want || want == "" && (read.Version.Number != number || read.Secret.ID != of.ID || len(read.Sealed.Ciphertext) == 0) {
			t.Errorf("version %d: %+v, %v", number, read.Version, err)
		}
	}
	newest(1, "")
	newest(2, fault.NotFound)
	for i := range 2 {
		v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		of.VersionCount = v.Number
		newest(i+1, fault.NotFound)
		newest(i+2, "")
	}
	if _, err := s.change(t, of.Version(3), secret.Disabled, of.Version(3).FirstEtag()); err != nil {
		t.Fatal(err)
	}
	newest(2, fault.NotFound) // the third is newer, though it is disabled
	if read, err := s.ReadNewestVersion(t.Context(), secret.NewRef("ws_test", noon).Version(1)); code(err) != fault.NotFound {
		t.Errorf("a secret that is not there: %+v, %v", read, err)
	}
}
