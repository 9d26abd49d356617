package boot

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed" // for the roots
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// amazonRoots are the five roots of Amazon Trust Services, which AWS's services have their certificates
// from. https://www.amazontrust.com/repository
//
//go:embed amazon-roots.pem
var amazonRoots []byte

// trust decides whose certificates the clients of AWS take. To read all of the system's roots takes ten
// milliseconds, more than the rest of a start, so a connection is tried with Amazon's roots first. If a
// server's certificate is from another one, the system's roots decide, from then on: nobody is trusted who
// was not trusted before.
type trust struct {
	first func() *x509.CertPool
	rest  *x509.CertPool // nil: the system's
	only  bool           // no other roots than the first
	other atomic.Bool    // a server had a certificate from another root
}

// newTrust returns the trust in Amazon's roots, or in those of the file that AWS_CA_BUNDLE names, as for
// every SDK.
func newTrust() (*trust, error) {
	name := os.Getenv("AWS_CA_BUNDLE")
	if name == "" {
		return &trust{first: sync.OnceValue(func() *x509.CertPool { return pool(amazonRoots) })}, nil
	}
	bundle, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots := pool(bundle)
	return &trust{first: func() *x509.CertPool { return roots }, only: true}, nil
}

func pool(bundle []byte) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	return roots
}

// apply makes a transport open its connections by this trust. AWS's services speak HTTP/1.1.
func (t *trust) apply(transport *http.Transport) {
	config, dial := transport.TLSClientConfig, transport.DialContext
	transport.ForceAttemptHTTP2 = false
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return t.connect(func(roots *x509.CertPool) (net.Conn, error) {
			with := config.Clone()
			with.RootCAs, with.ServerName = roots, host
			return handshake(ctx, with, func() (net.Conn, error) { return dial(ctx, network, address) })
		})
	}
}

// connect opens a connection by the first roots, or else by the rest.
func (t *trust) connect(open func(*x509.CertPool) (net.Conn, error)) (net.Conn, error) {
	if !t.other.Load() {
		conn, err := open(t.first())
		var unknown x509.UnknownAuthorityError
		if t.only || !errors.As(err, &unknown) {
			return conn, err
		}
		t.other.Store(true)
	}
	return open(t.rest)
}

func handshake(ctx context.Context, config *tls.Config, dial func() (net.Conn, error)) (net.Conn, error) {
	plain, err := dial()
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return conn, nil
}
