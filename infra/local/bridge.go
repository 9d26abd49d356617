package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"keepsake/infra/local/containers"
)

// dockerBridge is the interface that Docker's containers are connected to.
const dockerBridge = "docker0"

// bridgeAddress is where this machine listens to containers; empty if it shall not.
func bridgeAddress(docker string) (string, error) {
	if docker != dockerDefault {
		return docker, nil
	}
	return addressOf(dockerBridge)
}

// addressOf is an interface's IPv4 address.
func addressOf(name string) (string, error) {
	bridge, err := net.InterfaceByName(name)
	if err == nil {
		var addresses []net.Addr
		addresses, err = bridge.Addrs()
		for _, address := range addresses {
			if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil {
				return network.IP.String(), nil
			}
		}
	}
	if err == nil {
		err = errors.New("it has no address")
	}
	return "", fmt.Errorf("DOCKER=%s: there is no %s to listen on (%w): start Docker, or name the address by which containers reach this machine",
		dockerDefault, name, err)
}

// openToContainers answers on the bridge, too: DynamoDB and KMS with each function's rights, and no
// Invoke API.
func (s *stack) openToContainers(services http.Handler) error {
	if s.bridge == "" {
		return nil
	}
	port, err := s.serveAt(s.bridge, services)
	if err != nil {
		return fmt.Errorf("DOCKER=%s: %w", s.settings.docker, err)
	}
	s.containers = "http://" + net.JoinHostPort(containers.Host, port)
	s.say("listening to containers on %s", s.bridge)
	return nil
}

// publishToContainers writes each function's variables down, or removes what an earlier run wrote.
func (s *stack) publishToContainers() error {
	if s.bridge == "" {
		if err := os.Remove(containers.VariablesPath); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the variables of an earlier run: %w", err)
		}
		return nil
	}
	all := containers.Variables{}
	for _, f := range s.template.Functions {
		all[f.LogicalID] = s.variables(f, s.containers)
	}
	return all.Write(containers.VariablesPath)
}
