package template

// Key is a KMS key.
type Key struct {
	LogicalID  string
	ARN        string
	MAC        bool        // for GenerateMac only; otherwise for data keys only
	Statements []Statement // its own policy
}

// defaultKeyPolicy is what AWS gives a key of which the template says nothing: IAM decides.
var defaultKeyPolicy = []Statement{{
	Effect: "Allow", Principals: map[string][]string{"AWS": {"arn:aws:iam::" + Account + ":root"}},
	Actions: []string{"kms:*"}, Resources: []string{"*"},
}}

func readKey(r resource, s *scope) (Key, error) {
	var written struct {
		Usage  string    `yaml:"KeyUsage"`
		Policy keyPolicy `yaml:"KeyPolicy"`
	}
	if err := s.decode(&r.Properties, &written); err != nil {
		return Key{}, err
	}
	key := Key{LogicalID: r.id, ARN: keyARN(r.id), MAC: written.Usage == "GENERATE_VERIFY_MAC", Statements: written.Policy}
	if key.Statements == nil {
		key.Statements = defaultKeyPolicy
	}
	return key, nil
}
