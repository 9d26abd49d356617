package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestWithoutAWordTheStackTakesPort3000AndKeepsEverything(t *testing.T) {
	got, err := readSettings(environment())
	if want := (settings{port: 3000}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestEverySettingIsRead(t *testing.T) {
	got, err := readSettings(environment("PORT=3001", "FRESH=1", "RETENTION=15s", "PURGE=ttl", "DOCKER=172.17.0.1", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000"))
	want := settings{port: 3001, fresh: true, retention: "15s", purge: purgeByTTL, docker: "172.17.0.1", dynamodb: "http://127.0.0.1:8000"}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestAWrongSettingIsOneLineThatNamesIt(t *testing.T) {
	for _, pair := range []string{
		"PORT=http", "PORT=0", "PORT=65536", "PORT=-1", "FRESH=yes", "FRESH=true",
		"RETENTION=15", "RETENTION=30d", "RETENTION=0s", "RETENTION=-1h", "RETENTION=900ms", "PURGE=never", "PURGE=TTL", "PURGE=ttl,schedule",
		"DOCKER=yes", "DOCKER=true", "DOCKER=docker0", "DOCKER=0.0.0.0", "DOCKER=203.0.113.7", "DOCKER=172.17.0.1:80",
		"AWS_ENDPOINT_URL_DYNAMODB=localhost:8000", "AWS_ENDPOINT_URL_DYNAMODB=ftp://x", "AWS_ENDPOINT_URL_DYNAMODB=http://",
	} {
		_, err := readSettings(environment(pair))
		if err == nil || !strings.HasPrefix(err.Error(), pair+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", pair, err)
		}
	}
}

func TestAServiceThatNoFunctionCouldAskIsOneLineThatNamesTheVariable(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"JWT_ISSUER=https://i"}, "JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL belong together"},
		{[]string{"JWT_AUDIENCE=a", "JWT_JWKS_URL=https://i/k"}, "JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL belong together"},
		{[]string{"JWT_ISSUER=i", "JWT_AUDIENCE=a", "JWT_JWKS_URL=nonsense"}, "JWT_JWKS_URL: must be the URL of a service"},
		{[]string{"HCLOUD_URL=nonsense"}, "HCLOUD_URL: must be the URL of a service"},
		{[]string{"HCLOUD_URL=http://api.hetzner.cloud/v1"}, "HCLOUD_URL: must begin with https://"},
	} {
		_, err := readSettings(environment(c.pairs...))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v", c.pairs, err)
		}
	}
	good := environment("JWT_ISSUER=i", "JWT_AUDIENCE=a", "JWT_JWKS_URL=https://i/k", "HCLOUD_URL=http://127.0.0.1:9/v1")
	if _, err := readSettings(good); err != nil {
		t.Error(err)
	}
}

func TestATakenPortIsOneLineThatNamesAnother(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	_, err = listen(port)
	if err == nil || !strings.HasPrefix(err.Error(), "port "+strconv.Itoa(port)+" is taken: PORT=") {
		t.Errorf("error %v", err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
