// Package wire stands between what calls AWS and the engines that play it: it names each call and
// lets a hook decide what becomes of it. Tests count calls and inject faults there; the laptop
// cloud has there what each function may do, since Call.AccessKey says which function calls.
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
	AccessKey string // whose credentials signed it; empty if it is not signed
	Body      []byte // the JSON that the service gets; not to be changed
	Endpoint  string // what performs the call; empty: the engine of its service
}

// Name is the call's name in an IAM policy, such as "dynamodb:UpdateItem".
func (c Call) Name() string { return c.Service + ":" + c.Action }

// Hook decides about each call before it is performed. It is called by many goroutines at once.
type Hook func(Call) Verdict

// Proxy forwards calls to the engine of their service.
type Proxy struct {
	backends  map[string]string
	hook      Hook
	around    Around
	transport *http.Transport
	underway  underway
}

// New makes a proxy in front of the endpoints of DynamoDB and KMS. No signature is verified: the
// engines are on this machine. A nil hook passes every call.
func New(dynamodb, kms string, hook Hook) *Proxy {
	if hook == nil {
		hook = func(Call) Verdict { return Pass() }
	}
	return &Proxy{
		backends: map[string]string{"dynamodb": dynamodb, "kms": kms},
		hook:     hook,
		around:   func(ctx context.Context, call Call, perform Perform) (Answer, error) { return perform(ctx, call) },
		transport: &http.Transport{
			DisableCompression:  true, // answers carry checksums of the bytes that were sent
			MaxIdleConns:        idleConns,
			MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout:     time.Minute,
		},
	}
}

// ServeHTTP performs one call, or does to it what the hook's verdict says. An engine that cannot be
// reached ends the caller's connection, as a dead service would.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.underway.begin()
	defer p.underway.end()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		cut() // the caller is gone, or sends more than any service takes
	}
	call, ok := name(r, body)
	if !ok {
		answerFault(w, Refuse(http.StatusBadRequest, "UnknownOperationException", "No such service or action."))
		return
	}
	switch verdict := p.hook(call); verdict.fate {
	case refuse:
		answerFault(w, verdict)
	case loseRequest:
		cut()
	case hang:
		<-r.Context().Done()
		cut()
	case loseAnswer:
		// The call is performed even if its caller does not wait for it.
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
	answer, err := p.perform(r.Context(), r, call)
	if err != nil {
		cut()
	}
	for key, values := range answer.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body)
}

func (p *Proxy) perform(ctx context.Context, r *http.Request, call Call) (Answer, error) {
	header := r.Header.Clone()
	header.Del("Connection") // is between the caller and this proxy
	return p.around(ctx, call, func(ctx context.Context, call Call) (Answer, error) {
		endpoint := call.Endpoint
		if endpoint == "" {
			endpoint = p.backends[call.Service]
		}
		return Send(ctx, p.transport, endpoint, header, call.Body)
	})
}

// cut closes the caller's connection without a byte of an answer.
func cut() { panic(http.ErrAbortHandler) }

func answerFault(w http.ResponseWriter, v Verdict) {
	content, err := json.Marshal(v.fault)
	if err != nil {
		content = []byte(`{"__type":"InternalFailure"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(v.status)
	_, _ = w.Write(content)
}
