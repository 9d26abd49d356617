package transfer

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sm "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

// SecretsManager reads the secrets of AWS Secrets Manager whose names begin with a text, with all their versions. The
// current version comes last. A secret that waits for its deletion is not listed there, and not read.
func SecretsManager(ctx context.Context, settings aws.Config, begin, prefix string) Items {
	api := secretsmanager.NewFromConfig(settings)
	return func(yield func(Item, error) bool) {
		pages := secretsmanager.NewListSecretsPaginator(api, &secretsmanager.ListSecretsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Item{}, awsFailure("Secrets Manager", err))
				return
			}
			for _, entry := range page.SecretList {
				name := aws.ToString(entry.Name)
				if !strings.HasPrefix(name, begin) {
					continue
				}
				item := Item{Name: prefix + name, Source: "aws-secretsmanager " + name, Description: aws.ToString(entry.Description)}
				item.Versions, err = managedVersions(ctx, api, aws.ToString(entry.ARN))
				if !yield(item, ofOne(item.Name, "Secrets Manager", err)) {
					return
				}
			}
		}
	}
}

// managedVersions reads all versions of a secret in Secrets Manager but those that wait to become current.
func managedVersions(ctx context.Context, api *secretsmanager.Client, arn string) ([]Version, error) {
	var entries []sm.SecretVersionsListEntry
	pages := secretsmanager.NewListSecretVersionIdsPaginator(api, &secretsmanager.ListSecretVersionIdsInput{SecretId: &arn, IncludeDeprecated: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		entries = append(entries, page.Versions...)
	}
	entries = slices.DeleteFunc(entries, func(e sm.SecretVersionsListEntry) bool {
		return slices.Contains(e.VersionStages, "AWSPENDING") && !slices.Contains(e.VersionStages, "AWSCURRENT")
	})
	slices.SortStableFunc(entries, func(a, b sm.SecretVersionsListEntry) int {
		if isCurrent(a) != isCurrent(b) {
			if isCurrent(a) {
				return 1
			}
			return -1
		}
		return created(a).Compare(created(b))
	})
	var versions []Version
	for _, e := range entries {
		value, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionId: e.VersionId})
		if gone := new(sm.ResourceNotFoundException); errors.As(err, &gone) && !isCurrent(e) {
			continue // old versions go away by themselves
		}
		if err != nil {
			return nil, err
		}
		v := bytesVersion(aws.ToString(e.VersionId), value.SecretBinary)
		if value.SecretString != nil {
			v = Version{ID: aws.ToString(e.VersionId), Value: *value.SecretString}
		}
		versions = append(versions, v)
	}
	return versions, nil
}

func isCurrent(e sm.SecretVersionsListEntry) bool {
	return slices.Contains(e.VersionStages, "AWSCURRENT")
}

func created(e sm.SecretVersionsListEntry) time.Time { return aws.ToTime(e.CreatedDate) }

// ParameterStore reads the parameters of AWS's SSM Parameter Store below a path, or all, with their history. The
// slash at the beginning of a name is left out.
func ParameterStore(ctx context.Context, settings aws.Config, path, prefix string) Items {
	api := ssm.NewFromConfig(settings)
	return func(yield func(Item, error) bool) {
		in := &ssm.DescribeParametersInput{}
		if path != "" {
			in.ParameterFilters = []ssmtypes.ParameterStringFilter{{Key: aws.String("Path"), Option: aws.String("Recursive"), Values: []string{path}}}
		}
		pages := ssm.NewDescribeParametersPaginator(api, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Item{}, awsFailure("Parameter Store", err))
				return
			}
			for _, entry := range page.Parameters {
				name := aws.ToString(entry.Name)
				item := Item{Name: prefix + strings.TrimPrefix(name, "/"), Source: "aws-ssm " + name, Description: aws.ToString(entry.Description)}
				item.Versions, err = parameterVersions(ctx, api, name)
				if !yield(item, ofOne(item.Name, "Parameter Store", err)) {
					return
				}
			}
		}
	}
}

func parameterVersions(ctx context.Context, api *ssm.Client, name string) ([]Version, error) {
	var history []ssmtypes.ParameterHistory
	pages := ssm.NewGetParameterHistoryPaginator(api, &ssm.GetParameterHistoryInput{Name: &name, WithDecryption: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		history = append(history, page.Parameters...)
	}
	slices.SortFunc(history, func(a, b ssmtypes.ParameterHistory) int { return int(a.Version - b.Version) })
	var versions []Version
	for _, h := range history {
		versions = append(versions, Version{ID: strconv.FormatInt(h.Version, 10), Value: aws.ToString(h.Value)})
	}
	return versions, nil
}

// ofOne skips one secret that its owner may not read, or that is encrypted with a key they may not use. Other errors
// end the import.
func ofOne(name, where string, err error) error {
	if err == nil {
		return nil
	}
	failed := smithy.APIError(nil)
	if errors.As(err, &failed) && slices.Contains([]string{
		"AccessDeniedException", "DecryptionFailure", "ResourceNotFoundException", "InvalidRequestException", "ParameterNotFound", "InvalidKeyId",
	}, failed.ErrorCode()) {
		return skip(name, "%s does not give its value: %s", where, failed.ErrorCode())
	}
	return awsFailure(where, err)
}
