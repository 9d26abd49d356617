// Package stage runs functions as processes on a small AWS, for programs that count and measure: a real
// DynamoDB engine in memory, KMS, and a proxy that sees each call. It needs no test.
package stage

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/kms"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
	"keepsake/shared/auth"
)

// Workspace is the workspace that the stage's token belongs to.
const Workspace = "ws_bench"

const patience = 30 * time.Second

// Stage is a small AWS with the template's tables and keys, and the functions' programs. One goroutine
// may use it at a time.
type Stage struct {
	Template *template.Template
	DB       *dynamodb.Client // at the engine itself: the proxy does not see its calls
	Token    string           // may do everything in Workspace
	URL      string           // of DynamoDB, KMS and the provider of credentials
	Folder   string           // where programs may keep files until the next run
	Engine   string           // the path of the engine's program

	root    string
	binary  func(function string) string // the path of its program
	inherit []string                     // variables that functions take from this process
	data    string                       // the engine's database; empty: in memory
	keys    []kms.Key
	engine  *engine.Engine
	servers []*http.Server
	front   http.Handler // what is served at URL
	around  wire.Around
	running map[string]*Process
}

// Option changes the stage that Open opens.
type Option func(*Stage)

// PlayedBy makes the program at path play every function, with this process's own variables of these
// names: a test's program, say, so that a fault in it shows.
func PlayedBy(path string, variables ...string) Option {
	return func(s *Stage) {
		s.binary = func(string) string { return path }
		for _, name := range variables {
			s.inherit = append(s.inherit, name+"="+os.Getenv(name))
		}
	}
}

// Data makes the engine keep its tables in the file at path, and start with those that are there.
func Data(path string) Option { return func(s *Stage) { s.data = path } }

// KeysOf makes KMS have the keys of another stage: it can open what was sealed there.
func KeysOf(other *Stage) Option { return func(s *Stage) { s.keys = other.keys } }

// Open starts a stage for the repository that the working directory is in. It builds the functions, which
// takes a minute the first time. The caller closes the stage.
func Open(ctx context.Context, options ...Option) (*Stage, error) {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return nil, err
	}
	s := &Stage{root: root, Folder: filepath.Join(root, ".local", "bench"), running: map[string]*Process{}}
	for _, option := range options {
		option(s)
	}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open the stage: %w", err)
	}
	return s, nil
}

func (s *Stage) open(ctx context.Context) (err error) {
	if s.Template, err = template.Read(filepath.Join(s.root, "template.yaml")); err != nil {
		return err
	}
	for i := range s.Template.Tables {
		s.Template.Tables[i].Stream.View = "" // the engine slows down with each record of a stream
	}
	if s.binary == nil {
		if err := s.build(ctx); err != nil {
			return err
		}
	}
	if s.Engine, err = engine.Find(filepath.Join(s.root, ".local", "engine")); err != nil {
		return err
	}
	if s.engine, err = engine.Start(ctx, engine.Config{Binary: s.Engine, Data: s.data}); err != nil {
		return err
	}
	if err := s.serve(); err != nil {
		return err
	}
	s.DB = dynamodb.NewFromConfig(aws.Config{
		Region: template.Region, BaseEndpoint: aws.String(s.engine.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	})
	if err := tables.Create(ctx, s.DB, s.Template); err != nil {
		return err
	}
	s.Token, err = auth.Mint(ctx, s.DB, s.function("get-secret").Environment["TOKENS_TABLE"], auth.Grant{Workspace: Workspace, Scopes: auth.Scopes})
	return err
}

// serve starts KMS and the proxy.
func (s *Stage) serve() error {
	for _, key := range s.Template.Keys {
		if len(s.keys) < len(s.Template.Keys) {
			s.keys = append(s.keys, kms.Key{ARN: key.ARN, MAC: key.MAC, Secret: kms.NewSecret()})
		}
	}
	keysURL, err := s.listen(kms.New(s.keys...))
	if err != nil {
		return err
	}
	proxy := wire.New(s.engine.URL(), keysURL, nil)
	proxy.Use(func(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
		if s.around == nil {
			return perform(ctx, call)
		}
		return s.around(ctx, call, perform)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+providerPath+"/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"locations":[]}`) })
	mux.Handle("/", proxy)
	s.front = mux
	s.URL, err = s.listen(mux)
	return err
}

// listen serves a handler on this machine until the stage closes.
func (s *Stage) listen(handler http.Handler) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), nil
}

// EngineURL is the DynamoDB engine's own endpoint: the proxy does not see its calls.
func (s *Stage) EngineURL() string { return s.engine.URL() }

// Around makes around wrap each call of a function from now on; nil: nothing does. Call it while no
// function works.
func (s *Stage) Around(around wire.Around) { s.around = around }

// Player returns what wraps each call now.
func (s *Stage) Player() wire.Around { return s.around }

// Close ends the functions, the servers and the engine.
func (s *Stage) Close() {
	for _, p := range s.running {
		p.Kill()
	}
	for _, server := range s.servers {
		_ = server.Close()
	}
	if s.engine != nil {
		s.engine.Stop()
	}
}

// function returns a function of the template.
func (s *Stage) function(name string) template.Function {
	f, ok := s.Template.Function(name)
	if !ok {
		panic("the template has no function " + name)
	}
	return f
}

// Call runs a function on a request, in a process that stays for the next call.
func (s *Stage) Call(function string, r Request) (Answer, error) {
	p, err := s.Process(function)
	if err != nil {
		return Answer{}, err
	}
	return p.Call(r)
}

// Process returns the function's process that Call uses. It starts it if need be.
func (s *Stage) Process(function string) (*Process, error) {
	if p := s.running[function]; p != nil && p.Alive() {
		return p, nil
	}
	p, err := s.Start(function)
	if err == nil {
		s.running[function] = p
	}
	return p, err
}

// Start starts a new process of a function, with more variables. The caller kills it.
func (s *Stage) Start(function string, variables ...string) (*Process, error) {
	return s.StartAs(function, function, variables...)
}

// StartAs starts another program, Hello or Bare, with a function's environment. It signs its calls with an
// access key of its own.
func (s *Stage) StartAs(program, function string, variables ...string) (*Process, error) {
	f := s.function(function)
	all := append(slices.Clone(s.inherit), "AWS_ENDPOINT_URL="+s.URL)
	for name, value := range f.Environment {
		all = append(all, name+"="+value)
	}
	all = append(all, "HCLOUD_URL="+s.URL+providerPath, "PROVIDER="+s.URL+providerPath)
	p := &Process{stage: s, function: f, name: Name(program, function)}
	var err error
	p.Single, err = lambda.Start(lambda.Function{
		Name: p.name, Binary: s.binary(program), Timeout: f.Timeout, MemoryMB: f.MemoryMB,
		Environment: append(all, variables...),
	}, &p.log)
	return p, err
}

// Name is the name under which a program runs in a function's place.
func Name(program, function string) string {
	if program == function {
		return function
	}
	return program + "-" + function
}
