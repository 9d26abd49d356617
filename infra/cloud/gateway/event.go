package gateway

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"keepsake/infra/template"
)

const (
	apiID      = "local"
	domainName = apiID + ".execute-api." + template.Region + ".amazonaws.com"
	timeForm   = "02/Jan/2006:15:04:05 -0700"
)

// call is one request of a client on its way to a function.
type call struct {
	id      string
	at      time.Time
	ip      string
	request *http.Request
	body    []byte
	uri     string            // from here on: as the edge function returned it
	headers map[string]string // lower-case names
	path    string            // uri as the gateway writes it into the event
}

// event is payload format 2.0 as AWS documents it, without the fields that are empty. The struct of
// aws-lambda-go always writes an authentication.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type event struct {
	Version         string            `json:"version"`
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies,omitempty"`
	Headers         map[string]string `json:"headers"`
	Query           map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext  requestContext    `json:"requestContext"`
	Body            string            `json:"body,omitempty"`
	PathParameters  map[string]string `json:"pathParameters,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpContext `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`
	TimeEpoch    int64       `json:"timeEpoch"` // milliseconds
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// event returns the call as its function gets it.
func (c *call) event(routeKey string, params map[string]string) []byte {
	e := event{
		Version: "2.0", RouteKey: routeKey, RawPath: c.path, RawQueryString: c.request.URL.RawQuery,
		Headers: c.eventHeaders(), Cookies: cookies(c.request), Query: query(c.request.URL),
		PathParameters: params,
		RequestContext: requestContext{
			AccountID: template.Account, APIID: apiID, DomainName: domainName, DomainPrefix: apiID,
			HTTP: httpContext{
				Method: c.request.Method, Path: c.path, Protocol: c.request.Proto,
				SourceIP: c.ip, UserAgent: c.headers["user-agent"],
			},
			RequestID: c.id, RouteKey: routeKey, Stage: "$default",
			Time: c.at.UTC().Format(timeForm), TimeEpoch: c.at.UnixMilli(),
		},
	}
	e.Body, e.IsBase64Encoded = c.eventBody()
	text, _ := json.Marshal(e) // strings and numbers always marshal
	return text
}

// ReadPath returns the path that finds the route and the path that the event has. AWS says that the
// gateway decodes a path. Samples from live gateways (github.com/hotsock/voker,
// vokerhttp/testdata/ingress-paths.json) show how: once before it routes, so that an encoded slash ends
// a segment and an encoded question mark ends the path, and once more for the event. A path that cannot
// be decoded is an error, and a 400.
func ReadPath(uri string) (routed, inEvent string, err error) {
	if routed, err = url.PathUnescape(uri); err != nil {
		return "", "", err
	}
	routed, _, _ = strings.Cut(routed, "?")
	inEvent, err = url.PathUnescape(routed)
	return routed, inEvent, err
}

// eventHeaders returns the client's headers and those that CloudFront and the gateway add.
func (c *call) eventHeaders() map[string]string {
	headers := maps.Clone(c.headers)
	maps.DeleteFunc(headers, func(name, _ string) bool { return isHopByHop(name) || name == "cookie" })
	if len(c.body) > 0 || c.headers["content-length"] != "" {
		headers["content-length"] = strconv.Itoa(len(c.body))
	}
	if before := headers["x-forwarded-for"]; before != "" {
		headers["x-forwarded-for"] = before + ", " + c.ip
	} else {
		headers["x-forwarded-for"] = c.ip
	}
	headers["x-forwarded-proto"], headers["x-forwarded-port"] = "http", "80"
	if _, port, err := net.SplitHostPort(c.request.Host); err == nil {
		headers["x-forwarded-port"] = port
	}
	headers["host"] = domainName // CloudFront does not pass the viewer's on
	return headers
}

func (c *call) eventBody() (body string, encoded bool) {
	if len(c.body) == 0 {
		return "", false
	}
	// An event is JSON and holds only UTF-8: in a string, other bytes would become U+FFFD.
	if isText(c.headers["content-type"]) && utf8.Valid(c.body) {
		return string(c.body), false
	}
	return base64.StdEncoding.EncodeToString(c.body), true
}

// isText reports whether the gateway passes bodies of a media type on as they are.
func isText(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch media {
	case "application/json", "application/xml", "application/javascript", "application/x-www-form-urlencoded":
		return true
	}
	return strings.HasPrefix(media, "text/") ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

func cookies(r *http.Request) []string {
	var all []string
	for _, line := range r.Header["Cookie"] {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

func query(u *url.URL) map[string]string {
	all := map[string]string{}
	for name, values := range u.Query() {
		all[name] = strings.Join(values, ",")
	}
	return all
}
