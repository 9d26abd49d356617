package kms

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"keepsake/infra/cloud/host"
)

const secretBytes = 32

// Key is one key of the stand-in.
type Key struct {
	ARN    string
	MAC    bool   // it is for GenerateMac only; otherwise for data keys only
	Secret []byte // 32 bytes
}

// id is the end of the ARN. A request may name the key by it.
func (k Key) id() string { return k.ARN[strings.LastIndex(k.ARN, "/")+1:] }

// LoadKeys returns the specs with the secrets that the file at path has for their ARNs. A key that is not
// in the file gets a random secret. LoadKeys writes it to the file, which only its owner can read, before
// it returns. Keys that are in the file but not in specs stay there.
func LoadKeys(path string, specs []Key) ([]Key, error) {
	secrets, err := readSecrets(path)
	if err != nil {
		return nil, err
	}
	keys, added := make([]Key, 0, len(specs)), false
	for _, key := range specs {
		if _, known := secrets[key.ARN]; !known {
			secrets[key.ARN], added = NewSecret(), true
		}
		key.Secret = secrets[key.ARN]
		keys = append(keys, key)
	}
	if added {
		if err := writeSecrets(path, secrets); err != nil {
			return nil, fmt.Errorf("keep the local KMS keys: %w", err)
		}
	}
	return keys, nil
}

// NewSecret returns a random secret for a key.
func NewSecret() []byte {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: the runtime crashes rather than hand out weak bytes
	return secret
}

func readSecrets(path string) (map[string][]byte, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string][]byte{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the local KMS keys: %w", err)
	}
	secrets := map[string][]byte{}
	if err := json.Unmarshal(content, &secrets); err != nil || secrets == nil {
		// Not wrapped: a JSON error may quote what it read.
		return nil, fmt.Errorf("read the local KMS keys: %s is not a key file: move it away, and a new one is made", path)
	}
	for arn, secret := range secrets {
		if len(secret) != secretBytes {
			return nil, fmt.Errorf("read the local KMS keys: the secret of %s in %s must have %d bytes", arn, path, secretBytes)
		}
	}
	return secrets, nil
}

// writeSecrets puts the file on the disk before anybody uses a key: what was encrypted under a key is
// lost with the key.
func writeSecrets(path string, secrets map[string][]byte) error {
	content, err := json.MarshalIndent(secrets, "", "  ")
	if err != nil {
		return err
	}
	return host.ReplaceFile(path, append(content, '\n'))
}
