// Package kms is the laptop cloud's stand-in for AWS KMS: the actions that Keepsake calls, over the
// real wire protocol (AWS JSON 1.1), with the encryption context and the keys' purposes enforced.
// It protects nothing: its keys lie in a file beside the data.
package kms

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const maxBody = 64 << 10

// Server is an http.Handler that answers TrentService.GenerateDataKey, Decrypt and GenerateMac.
type Server struct {
	keys map[string]Key // by ARN and by key id
}

// New makes a server that holds the keys.
func New(keys ...Key) *Server {
	s := &Server{keys: map[string]Key{}}
	for _, key := range keys {
		s.keys[key.ARN], s.keys[key.id()] = key, key
	}
	return s
}

// fault is an error as KMS spells it.
type fault struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (f *fault) Error() string { return f.Type + ": " + f.Message }

func faultf(kind, format string, args ...any) error {
	return &fault{Type: kind, Message: fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one KMS request. The signature is not verified.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.perform(w, r)
	status := http.StatusOK
	if err != nil {
		known := &fault{Type: "KMSInternalException", Message: "The request could not be processed."}
		status = http.StatusInternalServerError
		if errors.As(err, &known) {
			status = http.StatusBadRequest
		}
		answer = known
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a caller that is gone needs no answer
}

func (s *Server) perform(w http.ResponseWriter, r *http.Request) (any, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	action, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	switch action {
	case "GenerateDataKey":
		return decode(r, s.generateDataKey)
	case "Decrypt":
		return decode(r, s.decrypt)
	case "GenerateMac":
		return decode(r, s.generateMac)
	}
	return nil, faultf("UnknownOperationException", "The local KMS has no action %q.", action)
}

// decode reads a request's JSON and hands it to its action.
func decode[Request any](r *http.Request, action func(Request) (any, error)) (any, error) {
	var request Request
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return nil, faultf("SerializationException", "The request is not the JSON that this action takes.")
	}
	return action(request)
}

// key finds a key by ARN or id, for one of its two purposes.
func (s *Server) key(name string, mac bool) (Key, error) {
	if name == "" {
		return Key{}, faultf("ValidationException", "KeyId is missing.")
	}
	key, ok := s.keys[name]
	if !ok {
		return Key{}, faultf("NotFoundException", "Key '%s' does not exist", name)
	}
	if key.MAC != mac {
		return Key{}, faultf("InvalidKeyUsageException", "The key usage of %s does not allow this action.", key.ARN)
	}
	return key, nil
}
