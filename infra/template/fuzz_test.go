package template_test

import (
	"os"
	"path/filepath"
	"testing"

	"keepsake/infra/template"
)

// FuzzTemplate: whatever the template holds, it is read or refused with words.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"", "Resources: {}", "Resources: []", "Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n    Properties: {}",
		"Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      Role: !GetAtt B.Arn\n      Events:\n        E: {Type: HttpApi, Properties: {Path: /x, Method: get}}",
		"Resources:\n  B:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]}\n      Policies: [{PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}]",
		"Parameters: {P: {Type: Number, Default: x}}\nResources: {}", "Conditions: {C: !Equals [!Ref P, !Not [!Condition C]]}\nResources: {A: {Condition: C, Type: AWS::KMS::Key}}",
		"Resources:\n  A: &a\n    Type: AWS::KMS::Key\n    Properties: {KeyUsage: !Sub '${A}${}${!B}', KeyPolicy: *a}",
		"Resources:\n  A:\n    Type: AWS::CloudFront::Distribution\n    Properties: {DistributionConfig: {Origins: [{OriginCustomHeaders: [{HeaderName: !If [C, a, b]}]}]}}",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "template.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := template.Read(path)
		if err == nil && read == nil || err != nil && err.Error() == "" {
			t.Error("neither a template nor words")
		}
	})
}
