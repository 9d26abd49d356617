// Package accounttest plays an AWS account over HTTP: STS, CloudFormation, the limits and the event source
// mappings of Lambda, and DynamoDB's description of a table. A test's programs reach it by the variables
// that AWS's own tools read.
package accounttest

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Caller is the ARN of the caller.
const Caller = "arn:aws:sts::123456789012:assumed-role/Owner/ada"

// Stack is a stack that has been deployed to the account.
type Stack struct {
	Status     string // CREATE_COMPLETE unless set
	Outputs    map[string]string
	Parameters map[string]string
	Resources  map[string]string // physical names, by logical id
	Tags       map[string]string
	List       []Resource // what CloudFormation lists
}

// Refusal is an error response of AWS.
type Refusal struct {
	Status        int
	Code, Message string
}

// Account is an account. A test may change it between calls.
type Account struct {
	URL         string // of all services. A test must set AWS_ENDPOINT_URL_DYNAMODB itself
	Stacks      map[string]Stack
	Tables      map[string]Table
	Mappings    []Mapping
	Concurrency int                 // concurrent executions that no function has reserved
	Refusals    map[string]Refusal  // by action, such as cloudformation:DescribeStacks
	ChangeSets  map[string][]Change // by ARN
	Events      []Event             // of whichever stack is asked for, the oldest first
	Executed    []string            // the change sets that were executed, by ARN
	Deleted     []string            // those that were deleted
	Protected   []string            // the stacks that were protected from being deleted
	OnExecute   func()              // called if a change set is executed; may change the account
	OnLook      func()              // called before the events of a stack are shown; may change the account

	mu      sync.Mutex
	regions []string
}

// Start plays an account until the test ends, in eu-central-1. It sets the environment to credentials of
// this account, and clears all other sources: profiles, metadata service.
func Start(t *testing.T) *Account {
	t.Helper()
	a := &Account{Stacks: map[string]Stack{}, Tables: map[string]Table{}, ChangeSets: map[string][]Change{}, Concurrency: 1000, Refusals: map[string]Refusal{}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL = server.URL
	Forget(t)
	for _, service := range []string{"CLOUDFORMATION", "STS", "LAMBDA"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, server.URL)
	}
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDTEST")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	return a
}

// Forget clears what this machine knows of AWS: credentials, profiles, regions, endpoints.
func Forget(t *testing.T) {
	t.Helper()
	nowhere := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", nowhere)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, name := range []string{
		"REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CA_BUNDLE",
	} {
		t.Setenv(name, "")
	}
}

// Deny starts a service that denies every call as DynamoDB does, and returns its URL.
func Deny(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User: x is not authorized"}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Regions returns the regions that the calls so far were signed for.
func (a *Account) Regions() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.regions
}

// scope finds the region and the service in a signature.
var scope = regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request`)

// ServeHTTP responds to a call.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	signed := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	a.regions = append(a.regions, signed[1])
	switch action := actionOf(signed[2], r); action {
	case "sts:GetCallerIdentity":
		a.respond(w, action, "<Arn>"+Caller+"</Arn><Account>123456789012</Account>")
	case "cloudformation:DescribeStacks":
		a.describe(w, action, r.FormValue("StackName"))
	case "cloudformation:DescribeStackResource":
		a.resource(w, action, r.FormValue("StackName"), r.FormValue("LogicalResourceId"))
	case "cloudformation:ListStackResources":
		a.listResources(w, action, r)
	case "cloudformation:DescribeStackEvents":
		if a.OnLook != nil && r.FormValue("NextToken") == "" {
			a.OnLook()
		}
		a.events(w, action, r)
	case "cloudformation:DescribeChangeSet":
		a.changeSet(w, action, r)
	case "cloudformation:ExecuteChangeSet":
		a.execute(w, action, r)
	case "cloudformation:DeleteChangeSet":
		a.Deleted = append(a.Deleted, r.FormValue("ChangeSetName"))
		a.respond(w, action, "")
	case "cloudformation:UpdateTerminationProtection":
		if r.FormValue("EnableTerminationProtection") == "true" {
			a.Protected = append(a.Protected, r.FormValue("StackName"))
		}
		a.respond(w, action, "")
	case "lambda:GetAccountSettings":
		a.respondJSON(w, action, fields{"AccountLimit": fields{"ConcurrentExecutions": a.Concurrency, "UnreservedConcurrentExecutions": a.Concurrency}})
	case "lambda:ListEventSourceMappings":
		a.respondJSON(w, action, a.mappings(r.FormValue("EventSourceArn")))
	case "dynamodb:DescribeTable":
		a.respondJSON(w, action, a.table(r).describe())
	case "dynamodb:DescribeTimeToLive":
		a.respondJSON(w, action, a.table(r).expiry())
	default:
		a.refuse(w, Refusal{http.StatusBadRequest, "InvalidAction", "accounttest does not play " + action})
	}
}

// actionOf returns the action that is called. Each protocol names it elsewhere.
func actionOf(service string, r *http.Request) string {
	name := r.FormValue("Action")
	switch {
	case service == "dynamodb":
		_, name, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	case strings.Contains(r.URL.Path, "/event-source-mappings"):
		name = "ListEventSourceMappings"
	case strings.Contains(r.URL.Path, "/account-settings"):
		name = "GetAccountSettings"
	}
	return service + ":" + name
}

func (a *Account) describe(w http.ResponseWriter, action, name string) {
	stack, ok := a.Stacks[name]
	if !ok && a.Refusals[action] == (Refusal{}) {
		a.refuse(w, Refusal{http.StatusBadRequest, "ValidationError", "Stack with id " + name + " does not exist"})
		return
	}
	if stack.Status == "" {
		stack.Status = "CREATE_COMPLETE"
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "<Stacks><member><StackName>%s</StackName><CreationTime>2026-11-24T00:00:00Z</CreationTime><StackStatus>%s</StackStatus>", name, stack.Status)
	pairs(&b, "Output", stack.Outputs)
	pairs(&b, "Parameter", stack.Parameters)
	b.WriteString("<Tags>")
	for key, value := range stack.Tags {
		_, _ = fmt.Fprintf(&b, "<member><Key>%s</Key><Value>%s</Value></member>", html.EscapeString(key), html.EscapeString(value))
	}
	b.WriteString("</Tags></member></Stacks>")
	a.respond(w, action, b.String())
}

func (a *Account) resource(w http.ResponseWriter, action, stack, logical string) {
	physical, ok := a.Stacks[stack].Resources[logical]
	if !ok && a.Refusals[action] == (Refusal{}) {
		a.refuse(w, Refusal{http.StatusBadRequest, "ValidationError", "Resource " + logical + " does not exist for stack " + stack})
		return
	}
	a.respond(w, action, "<StackResourceDetail><LogicalResourceId>"+logical+"</LogicalResourceId><PhysicalResourceId>"+physical+"</PhysicalResourceId></StackResourceDetail>")
}

func pairs(b *strings.Builder, kind string, of map[string]string) {
	_, _ = fmt.Fprintf(b, "<%ss>", kind)
	for key, value := range of {
		_, _ = fmt.Fprintf(b, "<member><%[1]sKey>%[2]s</%[1]sKey><%[1]sValue>%[3]s</%[1]sValue></member>", kind, key, html.EscapeString(value))
	}
	_, _ = fmt.Fprintf(b, "</%ss>", kind)
}

// respond writes a result as AWS's query protocol does.
func (a *Account) respond(w http.ResponseWriter, action, result string) {
	if refusal, ok := a.Refusals[action]; ok {
		a.refuse(w, refusal)
		return
	}
	_, name, _ := strings.Cut(action, ":")
	_, _ = fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", name, result)
}

func (a *Account) refuse(w http.ResponseWriter, r Refusal) {
	w.WriteHeader(r.Status)
	_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", r.Code, html.EscapeString(r.Message))
}
