package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// response is a function's response in payload format 2.0.
type response struct {
	StatusCode *int              `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Cookies    []string          `json:"cookies"`
	Body       string            `json:"body"`
	Encoded    bool              `json:"isBase64Encoded"`

	content []byte // the body, decoded
}

// relay writes a function's response. One that the gateway cannot read, or does not support, is a 500
// that says why.
func relay(w http.ResponseWriter, payload []byte) {
	r, err := readResponse(payload)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "Internal Server Error: "+err.Error())
		return
	}
	r.write(w)
}

func readResponse(payload []byte) (_ *response, err error) {
	var r response
	if err = json.Unmarshal(payload, &r); err != nil {
		return nil, fmt.Errorf("the function's response is not in payload format 2.0: %w", err)
	}
	switch {
	case r.StatusCode == nil:
		return nil, errors.New("the function's response must have a statusCode: the laptop cloud infers none")
	case *r.StatusCode < 200 || *r.StatusCode > 599:
		return nil, fmt.Errorf("the function's statusCode is %d: it must be from 200 to 599", *r.StatusCode)
	case len(r.Cookies) > 0:
		return nil, errors.New("the laptop cloud does not support cookies in a function's response: use headers")
	}
	r.content = []byte(r.Body)
	if r.Encoded {
		if r.content, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			return nil, fmt.Errorf("the function's body is not base64: %w", err)
		}
	}
	return &r, nil
}

func (r *response) write(w http.ResponseWriter) {
	h := w.Header()
	for name, value := range r.Headers {
		if !isHopByHop(name) {
			h.Set(name, value)
		}
	}
	if r.Body != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(*r.StatusCode)
	_, _ = w.Write(r.content) // fails if the status allows no body, or the client is gone
}

// refuse writes an error of the gateway's own.
func refuse(w http.ResponseWriter, status int, message string) {
	text, _ := json.Marshal(map[string]string{"message": message}) // strings always marshal
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
