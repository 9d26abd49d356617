// setec serves github.com/tailscale/setec on this machine, as a server of its own beside our functions. It is
// a module of its own: the functions' module must not depend on it.
//
// It takes an address and a folder. Everybody may do everything, as in setec's own tests.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/tailscale/setec/audit"
	"github.com/tailscale/setec/server"
	"github.com/tailscale/setec/setectest"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

func main() {
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "setec:", err)
		os.Exit(1)
	}
}

func serve(address, folder string) error {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	key, err := subtle.NewAESGCM(secret)
	if err != nil {
		return err
	}
	log, err := audit.NewFile(filepath.Join(folder, "audit.log"))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	_, err = server.New(context.Background(), server.Config{
		DBPath: filepath.Join(folder, "setec.db"), Key: key, AuditLog: log, WhoIs: setectest.AllAccess, Mux: mux,
	})
	if err != nil {
		return err
	}
	return http.ListenAndServe(address, mux)
}
