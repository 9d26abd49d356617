package authtest

import (
	"maps"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/auth"
)

// Shape is how one issuer writes its tokens, and the rule that lets one of them in.
type Shape struct {
	Name      string
	Issuer    string // the claim iss
	KeysPath  string // of jwks_uri, from the host's root
	Algorithm jose.SignatureAlgorithm
	Rule      auth.Rule // without its issuer

	lifetime time.Duration
	before   time.Duration // nbf's, before iat; 0: it has no nbf
	claims   map[string]any
}

// Claims returns a token's claims, issued at now by iss.
func (s Shape) Claims(iss string, now time.Time) map[string]any {
	claims := maps.Clone(s.claims)
	claims["iss"], claims["iat"], claims["exp"] = iss, now.Unix(), now.Add(s.lifetime).Unix()
	if s.before != 0 {
		claims["nbf"] = now.Add(-s.before).Unix()
	}
	return claims
}

// From returns the shape's rule for another issuer's name.
func (s Shape) From(iss string) auth.Rule {
	rule := s.Rule
	rule.Issuer = iss
	return rule
}

// Shapes are the tokens of the issuers that the documentation names, as their makers' documentation has them.
var Shapes = []Shape{gitHub, gitHubByID, gitLab, kubernetes, awsRole, awsRoleRSA, cognitoID, cognitoAccess, cognitoMachine}

var gitHub = Shape{
	Name: "GitHub Actions", Issuer: "https://token.actions.githubusercontent.com", KeysPath: "/.well-known/jwks", Algorithm: jose.RS256,
	Rule:     auth.Rule{Audience: "keepsake", Subject: "repo:octo-org/octo-repo:environment:prod", Claims: map[string]string{"repository_owner_id": "65"}},
	lifetime: 5 * time.Minute, before: 10 * time.Minute,
	claims: map[string]any{
		"jti": "example-id", "sub": "repo:octo-org/octo-repo:environment:prod", "environment": "prod", "aud": "keepsake",
		"ref": "refs/heads/main", "sha": "example-sha", "repository": "octo-org/octo-repo", "repository_owner": "octo-org",
		"actor_id": "12", "repository_visibility": "private", "repository_id": "74", "repository_owner_id": "65",
		"run_id": "example-run-id", "run_number": "10", "run_attempt": "2", "runner_environment": "github-hosted",
		"actor": "octocat", "workflow": "example-workflow", "head_ref": "", "base_ref": "", "event_name": "workflow_dispatch",
		"ref_type": "branch", "ref_protected": "true", "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
	},
}

// gitHubByID is GitHub's newer form of sub, with ids that are never given to another.
var gitHubByID = func() Shape {
	s := gitHub
	s.Name, s.Rule.Subject = "GitHub Actions, immutable subject", "repo:octo-org@65/*:ref:refs/heads/main"
	s.claims = maps.Clone(s.claims)
	s.claims["sub"] = "repo:octo-org@65/octo-repo@74:ref:refs/heads/main"
	return s
}()

var gitLab = Shape{
	Name: "GitLab", Issuer: "https://gitlab.com", KeysPath: "/oauth/discovery/keys", Algorithm: jose.RS256,
	Rule:     auth.Rule{Audience: "keepsake", Subject: "project_path:my-group/*:ref_type:branch:ref:main", Claims: map[string]string{"ref_protected": "true", "runner_id": "1"}},
	lifetime: time.Hour, before: 5 * time.Second,
	claims: map[string]any{
		"namespace_id": "72", "namespace_path": "my-group", "project_id": "20", "project_path": "my-group/my-project",
		"user_id": "1", "user_login": "sample-user", "user_email": "sample-user@example.com", "user_access_level": "developer",
		"user_identities": []any{map[string]any{"provider": "github", "extern_uid": "2435223452345"}},
		"pipeline_id":     "574", "pipeline_source": "push", "job_id": "302", "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main",
		"ref_protected": "true", "groups_direct": []any{"my-group/my-project"}, "environment": "test-environment2", "environment_protected": "false",
		"deployment_tier": "testing", "deployment_action": "start", "runner_id": 1, "runner_environment": "self-hosted",
		"sha": "714a629c0b401fdce83e847fc9589983fc6f46bc", "project_visibility": "public",
		"ci_config_ref_uri": "gitlab.example.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main", "ci_config_sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
		"jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b", "sub": "project_path:my-group/my-project:ref_type:branch:ref:main", "aud": "keepsake",
	},
}

var kubernetes = Shape{
	Name: "Kubernetes", Issuer: "https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
	KeysPath: "/id/EXAMPLED539D4633E53DE1B71EXAMPLE/keys", Algorithm: jose.RS256,
	Rule:     auth.Rule{Audience: "keepsake", Subject: "system:serviceaccount:payments:worker", Claims: map[string]string{"kubernetes.io.serviceaccount.name": "worker"}},
	lifetime: time.Hour, before: time.Nanosecond,
	claims: map[string]any{
		"aud": []any{"keepsake"}, "jti": "ea28ed49-2e11-4280-9ec5-bc3d1d84661a",
		"kubernetes.io": map[string]any{
			"namespace": "payments", "node": map[string]any{"name": "127.0.0.1", "uid": "58456cb0-dd00-45ed-b797-5578fdceaced"},
			"pod":            map[string]any{"name": "worker-69cbfb9798-jv9gn", "uid": "778a530c-b3f4-47c0-9cd5-ab018fb64f33"},
			"serviceaccount": map[string]any{"name": "worker", "uid": "a087d5a0-e1dd-43ec-93ac-f13d89cd13af"}, "warnafter": 1700081020,
		},
		"sub": "system:serviceaccount:payments:worker",
	},
}

// awsRole is a token of sts:GetWebIdentityToken, which a Lambda function, an ECS task or an EC2 instance gets for its role.
var awsRole = Shape{
	Name: "an AWS role", Issuer: "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws", KeysPath: "/.well-known/jwks.json", Algorithm: jose.ES384,
	Rule: auth.Rule{
		Audience: "keepsake", Subject: "arn:aws:iam::123456789012:role/DataProcessingRole",
		Claims: map[string]string{"https://sts.amazonaws.com/.principal_tags.team": "data-*"},
	},
	lifetime: 15 * time.Minute,
	claims: map[string]any{
		"aud": "keepsake", "sub": "arn:aws:iam::123456789012:role/DataProcessingRole", "jti": "xyz123-def456-ghi789-jkl012",
		"https://sts.amazonaws.com/": map[string]any{
			"aws_account": "123456789012", "source_region": "us-east-1", "org_id": "o-abc1234567",
			"ou_path":                    []any{"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"},
			"principal_tags":             map[string]any{"environment": "production", "team": "data-engineering"},
			"lambda_source_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:process-data",
			"request_tags":               map[string]any{"job-id": "job-2024-001"},
		},
	},
}

var awsRoleRSA = func() Shape {
	s := awsRole
	s.Name, s.Algorithm = "an AWS role, by RS256", jose.RS256
	return s
}()

var cognitoID = Shape{
	Name: "a Cognito id token", Issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example", KeysPath: "/us-east-1_example/.well-known/jwks.json", Algorithm: jose.RS256,
	Rule: auth.Rule{
		Audience: "xxxxxxxxxxxxexample", Subject: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
		Claims: map[string]string{"cognito:groups": "test-group-a", "email_verified": "true", "token_use": "id"},
	},
	lifetime: time.Hour,
	claims: map[string]any{
		"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": []any{"test-group-b", "test-group-a"}, "email_verified": true,
		"cognito:preferred_role": "arn:aws:iam::111122223333:role/my-test-role", "cognito:username": "my-test-user", "middle_name": "Jane",
		"nonce": "abcdefg", "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:roles": []any{"arn:aws:iam::111122223333:role/my-test-role"},
		"aud": "xxxxxxxxxxxxexample", "identities": []any{map[string]any{"userId": "amzn1.account.EXAMPLE", "providerName": "LoginWithAmazon", "primary": "true"}},
		"event_id": "64f513be-32db-42b0-b78e-b02127b4f463", "token_use": "id", "auth_time": 1676312777, "jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
		"email": "my-test-user@example.com",
	},
}

var cognitoAccess = Shape{
	Name: "a Cognito access token", Issuer: cognitoID.Issuer, KeysPath: cognitoID.KeysPath, Algorithm: jose.RS256,
	Rule:     auth.Rule{Audience: "xxxxxxxxxxxxexample", Subject: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", Claims: map[string]string{"token_use": "access"}},
	lifetime: time.Hour,
	claims: map[string]any{
		"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "device_key": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": []any{"testgroup"},
		"version": 2, "client_id": "xxxxxxxxxxxxexample", "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "event_id": "64f513be-32db-42b0-b78e-b02127b4f463",
		"token_use": "access", "scope": "phone openid profile resourceserver.1/appclient2 email", "auth_time": 1676313851,
		"jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "username": "my-test-user",
	},
}

// cognitoMachine is what a client of Cognito's gets for its own secret: its sub is the client.
var cognitoMachine = Shape{
	Name: "a Cognito access token of a machine", Issuer: cognitoID.Issuer, KeysPath: cognitoID.KeysPath, Algorithm: jose.RS256,
	Rule:     auth.Rule{Audience: "1example23456789", Subject: "1example23456789", Claims: map[string]string{"scope": "keepsake/read"}},
	lifetime: time.Hour,
	claims: map[string]any{
		"sub": "1example23456789", "token_use": "access", "scope": "keepsake/read", "auth_time": 1676313851, "version": 2,
		"jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "client_id": "1example23456789",
	},
}
