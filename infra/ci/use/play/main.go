// Command play plays the platforms that a workload is on, as far as infra/docs/use needs them. It prints its address, and
// serves until it is ended.
//
//	play github                     GitHub Actions: issues an id token to a job that asks for one
//	play aws                        AWS: issues tokens to roles by sts:GetWebIdentityToken
//	play function PROGRAM NAME=VALUE…  Lambda: runs a program, by the runtime API, for each call of its Invoke API
//
// The tokens have the claims that the real ones have.
package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"keepsake/infra/cloud/host"
)

func main() {
	host.EndWithParent()
	if err := play(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "play:", err)
		os.Exit(1)
	}
}

func play(args []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	var handler http.Handler
	switch {
	case len(args) == 1 && args[0] == "github":
		handler = newGitHub(address)
	case len(args) == 1 && args[0] == "aws":
		handler = newAWS(address)
	case len(args) > 1 && args[0] == "function":
		handler = newFunction(args[1], args[2:])
	default:
		return errors.New("usage: play github | aws | function PROGRAM NAME=VALUE…")
	}
	fmt.Println(address)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
