package stage

import (
	"context"
	"io"
	"net"
	"net/http"

	"keepsake/infra/cloud/kms"
	"keepsake/infra/cloud/wire"
)

// providerPath is where the stage plays the provider of credentials.
const providerPath = "/provider"

// serve starts KMS and the proxy.
func (s *Stage) serve() error {
	for _, key := range s.Template.Keys {
		if len(s.keys) < len(s.Template.Keys) {
			s.keys = append(s.keys, kms.Key{ARN: key.ARN, MAC: key.MAC, Secret: kms.NewSecret()})
		}
	}
	keysURL, err := s.listen(kms.New(s.keys...))
	if err != nil {
		return err
	}
	proxy := wire.New(s.engine.URL(), keysURL, nil)
	proxy.Use(func(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
		if s.around == nil {
			return perform(ctx, call)
		}
		return s.around(ctx, call, perform)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+providerPath+"/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"locations":[]}`) })
	mux.Handle("/", proxy)
	s.front = mux
	s.URL, err = s.listen(mux)
	return err
}

// listen serves a handler on this machine until the stage closes.
func (s *Stage) listen(handler http.Handler) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), nil
}
