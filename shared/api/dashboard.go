package api

import (
	"net"
	"net/netip"
	"strings"

	"keepsake/shared/secret"
)

// Dashboard is the scheme and host that each secret's html_url begins with. If it is empty, the html_url leads
// to the console at the host that the caller has called.
type Dashboard string

// viewerHostHeader is the host that the caller has called, as the edge function notes it.
const viewerHostHeader = "x-viewer-host"

func (d Dashboard) url(r secret.Ref) string {
	return string(d) + "/workspaces/" + r.Workspace + "/secrets/" + r.ID
}

// seenBy returns d, or https and the host that the caller has called if d is empty. If the edge has not noted
// that host, as before an update has reached all of CloudFront, seenBy takes the gateway's name.
func (d Dashboard) seenBy(c *Call) Dashboard {
	if d != "" {
		return d
	}
	host := c.event.Headers[viewerHostHeader]
	if host == "" || strings.ContainsAny(host, "/?#@\\ ") {
		host = c.event.RequestContext.DomainName
	}
	if isLoopback(host) {
		return Dashboard("http://" + host)
	}
	return Dashboard("https://" + host)
}

// isLoopback reports whether host, with or without a port, is this machine: there is no TLS. CloudFront has no
// such host.
func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && ip.IsLoopback()
}
