package template

import (
	"fmt"

	"keepsake/infra/template/resolve"
)

// Key is a KMS key.
type Key struct {
	LogicalID  string
	ARN        string
	MAC        bool        // for GenerateMac only; otherwise for data keys only
	Statements []Statement // its own policy
}

// readKey reads a key. A key must have a policy: without one, IAM alone would decide on AWS who may use it.
func readKey(r resolve.Resource) (Key, error) {
	var written struct {
		Usage  string        `yaml:"KeyUsage"`
		Policy resolve.Value `yaml:"KeyPolicy"`
	}
	if err := r.Properties.Decode(&written); err != nil {
		return Key{}, err
	}
	statements, err := keyPolicy.read(written.Policy)
	if err != nil {
		return Key{}, fmt.Errorf("KeyPolicy: %w", err)
	}
	return Key{LogicalID: r.ID, ARN: keyARN(r.Name), MAC: written.Usage == "GENERATE_VERIFY_MAC", Statements: statements}, nil
}
