// Package wire is a proxy between callers of AWS and the engines that play DynamoDB and KMS. It names
// each call and asks a hook what to do with it. Tests count calls and inject faults in the hook. The
// laptop checks there what a function may do: Call.AccessKey says which function calls.
package wire

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxBody   = 16 << 20 // DynamoDB's own limit of a request
	idleConns = 256      // more than any burst of tests or instances keeps busy at once
)

// Call is one request to an AWS service.
type Call struct {
	Service   string // "dynamodb" or "kms"
	Action    string // as IAM spells it: "UpdateItem", "GenerateDataKey"
	AccessKey string // of the credentials that signed it; empty if it is not signed
	Body      []byte // the JSON that the service gets: do not change it
	Endpoint  string // of the engine that performs the call; empty: the one of its service
}

// Name returns the call's name in an IAM policy, such as "dynamodb:UpdateItem".
func (c Call) Name() string { return c.Service + ":" + c.Action }

// Hook decides what happens to a call before it is performed. Many goroutines call it at once.
type Hook func(Call) Verdict

// Proxy forwards each call to the engine of its service.
type Proxy struct {
	backends  map[string]string
	hook      Hook
	around    Around
	transport *http.Transport
	underway  underway
}

// New returns a proxy in front of the endpoints of DynamoDB and KMS. It verifies no signature: the
// engines are on this machine. A nil hook passes every call.
func New(dynamodb, kms string, hook Hook) *Proxy {
	if hook == nil {
		hook = func(Call) Verdict { return Pass() }
	}
	return &Proxy{
		backends: map[string]string{"dynamodb": dynamodb, "kms": kms},
		hook:     hook,
		around:   func(ctx context.Context, call Call, perform Perform) (Response, error) { return perform(ctx, call) },
		transport: &http.Transport{
			DisableCompression:  true, // a response has a checksum of the bytes that were sent
			MaxIdleConns:        idleConns,
			MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout:     time.Minute,
		},
	}
}

// ServeHTTP does with one call what the hook decides. If the engine cannot be reached, it cuts the
// caller's connection, as a dead service does.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.underway.begin()
	defer p.underway.end()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		cut() // the caller is gone or sends more than any service takes
	}
	call, ok := name(r, body)
	if !ok {
		writeFault(w, Refuse(http.StatusBadRequest, "UnknownOperationException",
			"The laptop cloud supports DynamoDB and KMS only: X-Amz-Target names no action of theirs."))
		return
	}
	switch verdict := p.hook(call); verdict.fate {
	case refuse:
		writeFault(w, verdict)
	case loseRequest:
		cut()
	case hang:
		<-r.Context().Done()
		cut()
	case loseAnswer:
		// The call is performed even if its caller goes away.
		_, _ = p.perform(context.WithoutCancel(r.Context()), r, call)
		cut()
	case arriveLate:
		p.underway.begin()
		time.AfterFunc(verdict.delay, func() {
			defer p.underway.end()
			_, _ = p.perform(context.WithoutCancel(r.Context()), r, call)
		})
		cut()
	default:
		p.relay(w, r, call)
	}
}

func name(r *http.Request, body []byte) (Call, bool) {
	family, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service := map[string]string{"DynamoDB_20120810": "dynamodb", "TrentService": "kms"}[family]
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	accessKey, _, _ := strings.Cut(credential, "/")
	return Call{Service: service, Action: action, AccessKey: accessKey, Body: body}, service != "" && action != ""
}

func (p *Proxy) relay(w http.ResponseWriter, r *http.Request, call Call) {
	response, err := p.perform(r.Context(), r, call)
	if err != nil {
		cut()
	}
	for key, values := range response.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

func (p *Proxy) perform(ctx context.Context, r *http.Request, call Call) (Response, error) {
	header := r.Header.Clone()
	header.Del("Connection") // it is about the connection of the caller to this proxy
	return p.around(ctx, call, func(ctx context.Context, call Call) (Response, error) {
		endpoint := call.Endpoint
		if endpoint == "" {
			endpoint = p.backends[call.Service]
		}
		return Send(ctx, p.transport, endpoint, header, call.Body)
	})
}

// cut closes the caller's connection without a byte of a response.
func cut() { panic(http.ErrAbortHandler) }

func writeFault(w http.ResponseWriter, v Verdict) {
	content, err := json.Marshal(v.fault)
	if err != nil {
		content = []byte(`{"__type":"InternalFailure"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(v.status)
	_, _ = w.Write(content)
}
