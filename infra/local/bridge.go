package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/local/containers"
	"keepsake/infra/template"
)

// dockerBridge is the interface that Docker's containers are connected to.
const dockerBridge = "docker0"

// bridgeAddress returns the address at which this machine listens to containers, or "" if it does not.
func bridgeAddress(docker string) (string, error) {
	if docker != dockerDefault {
		return docker, nil
	}
	return addressOf(dockerBridge)
}

// addressOf returns an interface's IPv4 address.
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

// containerEndpoint is where functions in containers reach DynamoDB and KMS, with each function's
// rights. It has no Invoke API.
type containerEndpoint struct {
	address  string // of this machine, as containers see it; empty: do not listen
	docker   string // the setting, for messages
	policies *iam.Policies
	db       *dynamoDB
	keys     *keyService
	say      printer
	log      io.Writer

	url string // with the name by which containers call this machine
}

func (e *containerEndpoint) start(context.Context) (stop func(), err error) {
	if e.address == "" {
		return nil, nil
	}
	listener, err := openEndpoint(e.address)
	if err != nil {
		return nil, fmt.Errorf("DOCKER=%s: %w", e.docker, err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	e.url = fmt.Sprintf("http://%s:%d", containers.Host, port)
	e.say("listening to containers on %s", e.address)
	return serve(listener, guarded(e.policies, e.db, e.keys), e.log), nil
}

// containerVariables is the file of the functions' variables, which sam local invoke reads.
type containerVariables struct {
	functions []template.Function
	endpoint  *containerEndpoint
	pool      *functionPool
}

// start writes the file. If the stack does not listen to containers, start removes the file of an
// earlier run.
func (v *containerVariables) start(context.Context) (stop func(), err error) {
	if v.endpoint.url == "" {
		if err := os.Remove(containers.VariablesPath); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("remove the variables of an earlier run: %w", err)
		}
		return nil, nil
	}
	all := containers.Variables{}
	for _, f := range v.functions {
		all[f.LogicalID] = v.pool.variables(f, v.endpoint.url)
	}
	return nil, all.Write(containers.VariablesPath)
}
