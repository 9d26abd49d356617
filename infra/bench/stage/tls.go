package stage

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// ServeTLS serves the stage's URL by TLS, too. It returns the variables that send a function there.
func (s *Stage) ServeTLS() (variables []string, err error) {
	front := httptest.NewUnstartedServer(s.front)
	front.Config.ErrorLog = log.New(io.Discard, "", 0) // a function that is killed may be in a handshake
	front.StartTLS()
	s.servers = append(s.servers, front.Config)
	path := filepath.Join(s.Folder, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(path, certificate, 0o600); err != nil {
		return nil, err
	}
	return []string{
		"AWS_ENDPOINT_URL=" + front.URL, "HCLOUD_URL=" + front.URL + providerPath,
		"PROVIDER=" + front.URL + providerPath, "SSL_CERT_FILE=" + path, "AWS_CA_BUNDLE=" + path,
	}, nil
}
