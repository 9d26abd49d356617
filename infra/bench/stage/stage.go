// Package stage runs functions as processes on a small AWS, for programs that count and measure: a real
// DynamoDB engine in memory, KMS, and a proxy that sees each call. It needs no test.
package stage

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/kms"
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

// Open starts a stage for the repository that the working directory is in. It builds the functions, which
// takes a minute the first time. The caller closes the stage.
func Open(ctx context.Context, options ...Option) (*Stage, error) {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return nil, err
	}
	s := &Stage{root: root, Folder: filepath.Join(root, ".local", "bench"), running: map[string]*Process{}}
	if err := os.MkdirAll(s.Folder, 0o755); err != nil {
		return nil, err
	}
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
