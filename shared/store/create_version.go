package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const (
	appendIf  = `secret_state = :active AND version_count = :before`
	appendSet = `SET version_count = :number, enabled_version_count = enabled_version_count + :one,
		revision = revision + :one, updated_at = :now, validate_at = :now, stamp = :stamp`
	// The provider has not been asked about the new value.
	appendUnvalidated = `, validation = :unspecified`
)

// NumberTakenError says that another writer has made the version with that number. Now is the secret
// with that version: its next number is probably free.
type NumberTakenError struct{ Now secret.Secret }

func (e *NumberTakenError) Error() string { return "the version's number is taken" }

// NewVersion describes the version to create.
type NewVersion struct {
	Of      secret.Secret // as it was read: the version's number is the next
	Sealed  secret.Sealed // for that number
	Comment string
	Key     *Key // nil: none
}

// CreateVersion appends a version to an active secret and returns it. *NumberTakenError if another
// writer was first: seal for the next number and try again. If the same request came with this key
// before, it returns the version that it made, as it is now. *KeyReusedError if the key came with
// another request. NotFound if the secret is not active, Conflict if it has MaxVersions. One
// transaction.
func (s *Store) CreateVersion(ctx context.Context, n NewVersion, by secret.Stamp) (secret.Version, error) {
	if refusal := n.Of.RefuseNewVersion(by.At); refusal != nil {
		return s.recallOrRefuse(ctx, n, by, refusal)
	}
	next := n.Of.Version(n.Of.VersionCount + 1)
	made := secret.Version{
		VersionRef: next, State: secret.Enabled, Comment: n.Comment, CreatedAt: by.At, Etag: next.FirstEtag(),
	}
	writes, err := s.appending(made, n, by)
	if err != nil {
		return secret.Version{}, err
	}
	unsure, err := s.transact(ctx, writes)
	var cancelled *types.TransactionCanceledException
	switch {
	case err == nil:
		return made, nil
	case errors.As(err, &cancelled):
		return s.notAppended(ctx, made, n, cancelled, unsure, by)
	}
	return secret.Version{}, fmt.Errorf("create version: %w", err)
}

// appending returns the transaction: the version, the secret that counts it, and the key's record.
func (s *Store) appending(made secret.Version, n NewVersion, by secret.Stamp) ([]types.TransactWriteItem, error) {
	version, err := s.put(newVersionItem(made, n.Sealed, by), createIf, nil)
	if err != nil {
		return nil, err
	}
	values := map[string]any{
		":active": secret.Active,
		":before": made.Number - 1,
		":number": made.Number,
		":one":    1,
		":now":    by.At.Unix(),
		":stamp":  newStampItem(by),
	}
	set := appendSet
	if n.Of.Kind.IsCredential() {
		set += appendUnvalidated
		values[":unspecified"] = validationItem{State: secret.ValidationUnspecified, ValidatedAt: by.At.Unix()}
	}
	meta, err := s.update(metaKey(made.Ref), set, appendIf, values)
	if err != nil || n.Key == nil {
		return []types.TransactWriteItem{version, meta}, err
	}
	record, err := s.putRecord(made.VersionRef, *n.Key, by)
	return []types.TransactWriteItem{version, meta, record}, err
}

// notAppended turns a cancelled append into its result. The items are those of appending, in that
// order.
func (s *Store) notAppended(ctx context.Context, made secret.Version, n NewVersion, cancelled *types.TransactionCanceledException, unsure bool, by secret.Stamp) (secret.Version, error) {
	version, meta, record := reason(cancelled, 0), reason(cancelled, 1), reason(cancelled, 2)
	if version.failed {
		row, err := decode[versionItem](version.row)
		if err == nil && row.MadeIn == by.InvocationID {
			return row.version(made.Ref), nil
		}
	}
	if record.failed {
		known, err := recall(record.row, *n.Key, by)
		if err != nil {
			return secret.Version{}, err
		}
		return s.GetVersion(ctx, known)
	}
	switch {
	case meta.failed:
		return secret.Version{}, notNext(meta.row, unsure, by)
	case version.failed:
		return secret.Version{}, s.countVersion(ctx, made.VersionRef, version.row, by)
	}
	return secret.Version{}, fault.NewUnavailable(cancelled) // a row was busy at each try
}

// notNext returns why the secret did not accept a version with that number.
func notNext(meta item, unsure bool, by secret.Stamp) error {
	row, err := decode[metaItem](meta)
	if err != nil {
		return err
	}
	if now := row.secret(); now.State != secret.Active {
		return refuseDeleted(now, by.At, unsure)
	}
	return &NumberTakenError{Now: row.secret()}
}

// recallOrRefuse handles a secret that accepts no more versions. The retry of a request that made a
// version before is still a success. Any other request is refused.
func (s *Store) recallOrRefuse(ctx context.Context, n NewVersion, by secret.Stamp, refusal error) (secret.Version, error) {
	if n.Key == nil {
		return secret.Version{}, refusal
	}
	made, err := s.recallVersion(ctx, n.Of.Workspace, *n.Key, by)
	if fault.KindOf(err) == fault.NotFound {
		err = refusal
	}
	return made, err
}
