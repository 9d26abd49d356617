package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is a function's answer in payload format 2.0.
type answer struct {
	StatusCode *int              `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Cookies    []string          `json:"cookies"`
	Body       string            `json:"body"`
	Encoded    bool              `json:"isBase64Encoded"`
}

// relay writes what a function answered. As on AWS, an answer that is JSON without a status code is
// the body of a 200, and one that makes no sense is a 500.
func relay(w http.ResponseWriter, payload []byte) {
	a, err := readAnswer(payload)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	a.write(w)
}

func readAnswer(payload []byte) (*answer, error) {
	var shape any
	if err := json.Unmarshal(payload, &shape); err != nil {
		return nil, err
	}
	if object, ok := shape.(map[string]any); !ok || object["statusCode"] == nil {
		status := http.StatusOK
		return &answer{
			StatusCode: &status, Body: string(payload),
			Headers: map[string]string{"content-type": "application/json"},
		}, nil
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return nil, err
	}
	return a.decoded()
}

// decoded checks an answer and takes its body out of base64.
func (a *answer) decoded() (*answer, error) {
	if *a.StatusCode < 200 || *a.StatusCode > 599 {
		return nil, fmt.Errorf("status code %d", *a.StatusCode)
	}
	if a.Encoded {
		body, err := base64.StdEncoding.DecodeString(a.Body)
		if err != nil {
			return nil, fmt.Errorf("decode the body: %w", err)
		}
		a.Body, a.Encoded = string(body), false
	}
	return a, nil
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	for name, value := range a.Headers {
		if !isHopByHop(name) {
			h.Set(name, value)
		}
	}
	for _, cookie := range a.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if a.Body != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(*a.StatusCode)
	_, _ = w.Write([]byte(a.Body)) // fails where no body may be, and for a client that is gone
}

// answer turns the edge's own response into an answer.
func (r edgeResponse) answer() (*answer, error) {
	a := &answer{StatusCode: &r.StatusCode, Headers: r.Headers.joined()}
	var object struct{ Data, Encoding string }
	switch {
	case len(r.Body) == 0:
	case json.Unmarshal(r.Body, &a.Body) == nil:
	case json.Unmarshal(r.Body, &object) == nil:
		a.Body, a.Encoded = object.Data, object.Encoding == "base64"
	default:
		return nil, fmt.Errorf("edge function: a body is a text or an object, not %s", r.Body)
	}
	return a.decoded()
}

// refuse is the gateway's own error.
func refuse(w http.ResponseWriter, status int, message string) {
	text, _ := json.Marshal(map[string]string{"message": message}) // strings always marshal
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
