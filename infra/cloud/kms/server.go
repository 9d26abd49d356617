// Package kms is the laptop cloud's stand-in for AWS KMS: GenerateDataKey, Decrypt and GenerateMac over
// the real wire protocol (AWS JSON 1.1), with the encryption context and the keys' purposes enforced.
// It protects nothing: its keys are in a file beside the data.
package kms

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const maxBody = 64 << 10

// Server is an http.Handler that serves the three actions of TrentService.
type Server struct {
	keys map[string]Key // by ARN and by key id
}

// New returns a server with the keys.
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

// ServeHTTP serves one KMS request. It does not verify the signature.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	response, err := s.perform(w, r)
	status := http.StatusOK
	if err != nil {
		known := &fault{Type: "KMSInternalException", Message: "The request could not be processed."}
		status = http.StatusInternalServerError
		if errors.As(err, &known) {
			status = http.StatusBadRequest
		}
		response = known
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(response) // fails if the caller is gone
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
	return nil, faultf("UnknownOperationException", "The local KMS does not support the action %q: use GenerateDataKey, Decrypt or GenerateMac.", action)
}

// decode reads a request's JSON and performs its action. It refuses a parameter that the action would
// ignore.
func decode[Request any](r *http.Request, action func(Request) (any, error)) (any, error) {
	var request Request
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	if err := in.Decode(&request); err != nil {
		return nil, faultf("SerializationException", "The local KMS does not support this request: %s.", err)
	}
	return action(request)
}

// key finds a key by ARN or id. A key is for MACs or for data keys, never for both.
func (s *Server) key(name string, mac bool) (Key, error) {
	if name == "" {
		return Key{}, faultf("ValidationException", "KeyId is missing: name a key.")
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
