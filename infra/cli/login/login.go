// Package login knows which service the user calls, and as whom: from the environment, or from the last keepsake
// login. The token is in the system's keyring, or in a file that only its owner may read.
package login

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"

	"keepsake/infra/cli/service"
)

// keyringService is the name under which the keyring has our tokens, one for each address.
const keyringService = "keepsake"

// Profile is what keepsake login keeps.
type Profile struct {
	Address   string `json:"address"`
	Workspace string `json:"workspace,omitempty"`
	Token     string `json:"token,omitempty"` // only if there is no keyring
}

// Store keeps one profile.
type Store struct {
	Folder    string // for example ~/.config/keepsake
	NoKeyring bool   // the file has the token, even if there is a keyring
}

func (s Store) path() string { return filepath.Join(s.Folder, "login.json") }

// Save keeps the profile and says where the token is now.
func (s Store) Save(p Profile) (where string, err error) {
	where = "the system's keyring"
	if s.NoKeyring || keyring.Set(keyringService, p.Address, p.Token) != nil {
		where = s.path()
	} else {
		p.Token = ""
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", err
	}
	return where, WritePrivate(s.path(), append(text, '\n'))
}

// Load returns the profile and where its token is. Without a login the address is empty.
func (s Store) Load() (p Profile, where string, err error) {
	text, err := os.ReadFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return Profile{}, "", nil
	} else if err != nil {
		return Profile{}, "", fmt.Errorf("read the login: %w", err)
	}
	if err := private(s.path()); err != nil {
		return Profile{}, "", err
	}
	if json.Unmarshal(text, &p) != nil { // its error could quote the token
		return Profile{}, "", service.Fail(service.Failed, "%s cannot be read", s.path()).Because("Log in again: keepsake login ADDRESS")
	}
	if p.Token != "" {
		return p, s.path(), nil
	}
	p.Token, err = keyring.Get(keyringService, p.Address)
	if err != nil {
		return Profile{}, "", service.Fail(service.Failed, "the token for %s is not in the system's keyring: %v", p.Address, err).
			Because("Log in again: keepsake login %s", p.Address)
	}
	return p, "the system's keyring", nil
}

// Remove forgets the profile and its token. It reports whether there was one.
func (s Store) Remove() (bool, error) {
	text, err := os.ReadFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	var p Profile
	if err == nil && json.Unmarshal(text, &p) == nil && p.Token == "" {
		if err := keyring.Delete(keyringService, p.Address); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return false, fmt.Errorf("remove the token from the keyring: %w", err)
		}
	}
	return true, os.Remove(s.path())
}

// private refuses a file that others than its owner may read. Windows has other rights than these.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return service.Fail(service.Failed, "others can read %s, which holds a token", path).
			Because("Take their right away: chmod 600 %s. If somebody may have read it, have the token revoked.", path)
	}
	return nil
}

// WritePrivate writes a file that only its owner may read, in one step.
func WritePrivate(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".keepsake-*") // 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
