package main

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"keepsake/infra/envfile"
	"keepsake/shared/boot"
)

const defaultPort = 3000

// settings are the choices for a run, from the environment.
type settings struct {
	port      int
	fresh     bool
	retention string // replaces the template's; empty: keep that one
	dynamodb  string // an engine that runs already; empty: start one
	purge     string // purgeByTTL or purgeBySchedule alone; empty: both
	docker    string // dockerDefault, or the address by which containers reach this machine; empty: they do not
}

// dockerDefault means the address of Docker's own bridge.
const dockerDefault = "1"

// The two mechanisms of the purge. Running only one shows that it is enough.
const (
	purgeByTTL      = "ttl"
	purgeBySchedule = "schedule"
)

// readSettings reads the environment. Its errors begin with the name of the wrong variable.
func readSettings(getenv func(string) string) (settings, error) {
	s := settings{port: defaultPort, retention: getenv("RETENTION"), dynamodb: getenv(envfile.DynamoDB)}
	if text := getenv("PORT"); text != "" {
		var err error
		if s.port, err = strconv.Atoi(text); err != nil || s.port < 1 || s.port > 65535 {
			return s, fmt.Errorf("PORT=%s: must be a number from 1 to 65535", text)
		}
	}
	switch text := getenv("FRESH"); text {
	case "", "0":
	case "1":
		s.fresh = true
	default:
		return s, fmt.Errorf("FRESH=%s: must be 1, or not set", text)
	}
	switch text := getenv("PURGE"); text {
	case "", "both":
	case purgeByTTL, purgeBySchedule:
		s.purge = text
	default:
		return s, fmt.Errorf("PURGE=%s: must be ttl, schedule or both", text)
	}
	if s.retention != "" {
		if d, err := time.ParseDuration(s.retention); err != nil || d < time.Second {
			return s, fmt.Errorf("RETENTION=%s: must be a duration of at least a second, like 15s or 48h", s.retention)
		}
	}
	var err error
	if s.docker, err = readDocker(getenv("DOCKER")); err != nil {
		return s, err
	}
	if s.dynamodb != "" {
		if u, err := url.Parse(s.dynamodb); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return s, fmt.Errorf("%s=%s: must be a URL, like http://127.0.0.1:8000", envfile.DynamoDB, s.dynamodb)
		}
	}
	return s, boot.CheckOutside(getenv)
}

// readDocker refuses an address that the Internet could reach: the endpoint there verifies no
// signature.
func readDocker(text string) (string, error) {
	switch text {
	case "", "0":
		return "", nil
	case dockerDefault:
		return text, nil
	}
	if ip := net.ParseIP(text); ip == nil || !ip.IsPrivate() && !ip.IsLoopback() {
		return "", fmt.Errorf("DOCKER=%s: must be 1, or the private address by which containers reach this machine, like 172.17.0.1", text)
	}
	return text, nil
}
