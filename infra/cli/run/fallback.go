package run

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/login"
	"keepsake/infra/cli/service"
)

// rounds makes each guess of a passphrase take a fraction of a second.
const rounds = 600_000

// Fallback is a file with the values that were read last, for when the service is away. It is encrypted with a key
// made from a passphrase, or from the token that could have read the values.
type Fallback struct {
	Path    string
	Secret  string // the passphrase or the token
	Address string // of the service whose values these are
	MaxAge  time.Duration

	salt, key []byte
}

// sealed is the file: JSON.
type sealed struct {
	Version int    `json:"keepsake_fallback"`
	Salt    []byte `json:"salt"`
	Nonce   []byte `json:"nonce"`
	Values  []byte `json:"values"`
}

// kept is what is sealed in it.
type kept struct {
	Address string      `json:"address"`
	At      int64       `json:"at"`
	Values  []keptValue `json:"values"`
}

type keptValue struct {
	Reference service.Reference `json:"reference"`
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Etag      string            `json:"etag"`
	Text      string            `json:"text"`
}

// Write replaces the file by these values.
func (f *Fallback) Write(values Values, now time.Time) error {
	if f.key == nil {
		f.salt = make([]byte, 16)
		_, _ = rand.Read(f.salt) // never fails
		if err := f.derive(f.salt); err != nil {
			return err
		}
	}
	content := kept{Address: f.Address, At: now.Unix()}
	for r, v := range values {
		content.Values = append(content.Values, keptValue{r, v.Secret.Id, v.Secret.Name, v.Etag, v.Text})
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return err
	}
	box, err := f.box()
	if err != nil {
		return err
	}
	file := sealed{Version: 1, Salt: f.salt, Nonce: make([]byte, box.NonceSize())}
	_, _ = rand.Read(file.Nonce)
	file.Values = box.Seal(nil, file.Nonce, plain, nil)
	text, err := json.Marshal(file)
	if err != nil {
		return err
	}
	return login.WritePrivate(f.Path, append(text, '\n'))
}

// Read returns the values in the file. It must be of this service, and not older than MaxAge.
func (f *Fallback) Read(now time.Time) (Values, time.Time, error) {
	text, err := os.ReadFile(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, service.Fail(service.Failed, "there is no fallback yet: %s is written when the service answers", f.Path)
	} else if err != nil {
		return nil, time.Time{}, err
	}
	var file sealed
	wrong := service.Fail(service.Failed, "the fallback %s cannot be opened: it is damaged, or was written with another token or KEEPSAKE_FALLBACK_KEY", f.Path)
	if json.Unmarshal(text, &file) != nil || file.Version != 1 {
		return nil, time.Time{}, wrong
	}
	if err := f.derive(file.Salt); err != nil {
		return nil, time.Time{}, err
	}
	f.salt = file.Salt
	box, err := f.box()
	if err != nil {
		return nil, time.Time{}, err
	}
	var content kept
	if len(file.Nonce) != box.NonceSize() {
		return nil, time.Time{}, wrong
	}
	plain, err := box.Open(nil, file.Nonce, file.Values, nil)
	if err != nil || json.Unmarshal(plain, &content) != nil {
		return nil, time.Time{}, wrong
	}
	at := time.Unix(content.At, 0).UTC()
	switch {
	case content.Address != f.Address:
		return nil, at, service.Fail(service.Failed, "the fallback %s is of another service, %s", f.Path, content.Address)
	case now.Sub(at) > f.MaxAge:
		return nil, at, service.Fail(service.Failed, "the fallback %s is of %s, and so older than %s", f.Path, at.Format(time.RFC3339), f.MaxAge)
	}
	values := Values{}
	for _, v := range content.Values {
		values[v.Reference] = service.Value{Secret: client.Secret{Id: v.ID, Name: v.Name}, Etag: v.Etag, Text: v.Text}
	}
	return values, at, nil
}

func (f *Fallback) derive(salt []byte) (err error) {
	f.key, err = pbkdf2.Key(sha256.New, f.Secret, salt, rounds, 32)
	return err
}

func (f *Fallback) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(f.key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
