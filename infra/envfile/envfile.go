// Package envfile reads and writes .local/env, by which the running local stack tells other programs where
// it is. A line is NAME=value.
package envfile

import (
	"fmt"
	"os"
	"strings"

	"keepsake/infra/cloud/host"
)

// Path is the file's path from the project's root.
const Path = ".local/env"

// The names in the file.
const (
	BaseURL  = "AKUA_BASE_URL"
	Token    = "AKUA_API_TOKEN"
	DynamoDB = "AWS_ENDPOINT_URL_DYNAMODB"
	KMS      = "AWS_ENDPOINT_URL_KMS"
	Lambda   = "AWS_ENDPOINT_URL_LAMBDA"
	Tokens   = "TOKENS_TABLE"
	Audit    = "AUDIT_TABLE"

	OriginKey = "KEEPSAKE_ORIGIN_KEY" // for events that do not come through the distribution
)

// Read returns the file's values. Without a file the error is fs.ErrNotExist.
func Read(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack's settings: %w", err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[name] = value
		}
	}
	return values, nil
}

// Write replaces the file by the pairs, each NAME=value, in one step. Only its owner may read it: it
// contains a token.
func Write(path string, pairs ...string) error {
	if err := host.ReplaceFile(path, []byte(strings.Join(pairs, "\n")+"\n")); err != nil {
		return fmt.Errorf("write the stack's settings: %w", err)
	}
	return nil
}
