package gateway

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestABodyThatIsNotUTF8ReachesTheFunctionByteForByte(t *testing.T) {
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "text/plain", ""} {
		g, last := newGateway(t, `{"statusCode":200}`, nil)
		const sent = "{\"value\":\"\xff\xfe\"}"
		send(g, "POST", "/things", sent, "Content-Type", contentType)
		got, err := base64.StdEncoding.DecodeString(last.event.Body)
		if !last.event.IsBase64Encoded || err != nil || string(got) != sent {
			t.Errorf("%s: the event has the body %q, encoded %v", contentType, last.event.Body, last.event.IsBase64Encoded)
		}
	}
}

func TestAnUploadThatBreaksOffIsNoSuccess(t *testing.T) {
	g, last := newGateway(t, `{"statusCode":201}`, nil)
	server := httptest.NewServer(g)
	defer server.Close()
	for name, request := range map[string]string{
		"a body cut short":  "Content-Length: 100\r\n\r\n{\"name\":",
		"a chunk cut short": "Transfer-Encoding: chunked\r\n\r\n40\r\n{\"name\":",
		"no last chunk":     "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "POST /things HTTP/1.1\r\nHost: x\r\n"+request); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s gets %d", name, response.StatusCode)
		}
	}
	if last.function != "" {
		t.Errorf("the function %s was run", last.function)
	}
}
