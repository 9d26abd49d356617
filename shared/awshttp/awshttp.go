// Package awshttp mends the HTTP client that the AWS SDK uses.
package awshttp

import (
	"io"
	"net/http"

	aws "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Client is the SDK's HTTP client without a fault of it. The SDK closes a request's body as soon as the
// response begins. net/http may still be asking the body for more at that moment. The closed body then
// answers io.EOF from WriteTo, which net/http takes for a failed request: it cuts the connection, and the
// rest of the response is lost. The SDK makes the call again, and a write's answer is lost with the
// response. From Read, io.EOF only means that there is no more.
type Client struct{ *aws.BuildableClient }

// Do sends a request, whose body net/http can only read. Its errors are those of the SDK's client.
func (c Client) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.BuildableClient.Do(r)
}
