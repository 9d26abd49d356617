package boot

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keepsake/shared/awshttp"
)

// secure returns a server whose certificate is its own root, for 127.0.0.1 and example.com, and that root.
func secure(t *testing.T) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it reports each handshake that a test refuses
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, roots
}

// get asks a server by this trust, on a new connection.
func get(t *testing.T, by *trust, url string) error {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true,
	}
	by.apply(transport)
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err == nil {
		_ = response.Body.Close()
	}
	return err
}

func TestAServerIsTrustedByTheFirstRootsOrElseByTheRest(t *testing.T) {
	server, its := secure(t)
	none := x509.NewCertPool()
	for name, c := range map[string]struct {
		first, rest *x509.CertPool
		only, want  bool
	}{
		"by the first":                        {its, none, false, true},
		"by the rest":                         {none, its, false, true},
		"by neither":                          {none, none, false, false},
		"by the rest, if the first are alone": {none, its, true, false},
		"by the first, if they are alone":     {its, none, true, true},
	} {
		by := &trust{first: func() *x509.CertPool { return c.first }, rest: c.rest, only: c.only}
		for range 2 { // the second connection is decided like the first
			if err := get(t, by, server.URL); (err == nil) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestARootThatWasNeededOnceIsAskedFirst(t *testing.T) {
	server, its := secure(t)
	asked := 0
	by := &trust{first: func() *x509.CertPool { asked++; return x509.NewCertPool() }, rest: its}
	for range 3 {
		if err := get(t, by, server.URL); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("the first roots were asked %d times", asked)
	}
}

func TestACertificateForAnotherNameIsRefusedByAllRoots(t *testing.T) {
	server, its := secure(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	by := &trust{first: func() *x509.CertPool { return its }, rest: its}
	if err := get(t, by, "https://localhost:"+port); err == nil {
		t.Error("it is taken")
	}
}

// The hashes of the keys are those that Amazon Trust Services publishes.
func TestTheRootsAreAmazonsFive(t *testing.T) {
	want := []string{
		"2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92", // Starfield Services G2
		"36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9", // Amazon Root CA 3
		"7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461", // Amazon Root CA 2
		"f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5", // Amazon Root CA 4
		"fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2", // Amazon Root CA 1
	}
	var got []string
	for block, rest := pem.Decode(amazonRoots); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(root.RawSubjectPublicKeyInfo)
		got = append(got, hex.EncodeToString(hash[:]))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the roots are %v, want %v", got, want)
	}
}

func TestABundleOfRootsTakesThePlaceOfAmazons(t *testing.T) {
	server, _ := secure(t)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	by, err := newTrust()
	if err != nil {
		t.Fatal(err)
	}
	if err := get(t, by, server.URL); err != nil {
		t.Error(err)
	}
	if !by.only {
		t.Error("other roots count, too")
	}
	t.Setenv("AWS_CA_BUNDLE", bundle+".none")
	if _, err := newTrust(); err == nil {
		t.Error("a function starts without the bundle")
	}
}

func TestTheClientsOfAWSLoseNoResponse(t *testing.T) {
	if client, ok := (&Env{}).client().(awshttp.Client); !ok {
		t.Errorf("they send by %T, which loses one now and then", client)
	}
}

func TestTheClientsOfAWSTrustAmazonsRootsFirst(t *testing.T) {
	client, ok := (&Env{}).client().(interface{ GetTransport() *http.Transport })
	if !ok || client.GetTransport().DialTLSContext == nil {
		t.Error("they read the system's roots")
	}
	e := &Env{}
	t.Setenv("AWS_CA_BUNDLE", "none")
	if e.client(); !strings.Contains(said(e), "AWS_CA_BUNDLE") {
		t.Errorf("without its bundle a function starts: %q", said(e))
	}
}
