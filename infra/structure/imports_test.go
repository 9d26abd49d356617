package structure

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// arrows says which of the project's packages each may import. Adapters never import each other;
// nothing under shared knows of the laptop.
var arrows = map[string][]string{
	"shared/fault":                           {},
	"shared/awsfault":                        {"shared/fault"},
	"shared/awshttp":                         {},
	"shared/secret":                          {"shared/fault"},
	"shared/store":                           {"shared/fault", "shared/secret"},
	"shared/envelope":                        {"shared/secret"},
	"shared/audit":                           {"shared/fault", "shared/secret"},
	"shared/auth":                            {"shared/fault", "shared/secret"},
	"shared/auth/authtest":                   {"shared/auth"},
	"shared/telemetry":                       {},
	"shared/api":                             {"shared/fault", "shared/secret", "shared/store", "shared/audit", "shared/auth", "shared/telemetry"},
	"shared/console":                         {},
	"shared/hcloud":                          {"shared/fault", "shared/secret"},
	"shared/job":                             {"shared/fault", "shared/secret", "shared/store", "shared/audit", "shared/telemetry"},
	"shared/boot":                            {"shared/awsfault", "shared/awshttp", "shared/api", "shared/job", "shared/store", "shared/audit", "shared/auth", "shared/hcloud", "shared/telemetry"},
	"shared/bus":                             {"shared/secret"},
	"shared/boot/keys":                       {"shared/boot", "shared/envelope"},
	"shared/boot/buses":                      {"shared/boot", "shared/bus", "shared/secret"},
	"shared/boot/page":                       {"shared/api", "shared/boot", "shared/console"},
	"shared/boot/boottest":                   {"shared/api", "shared/boot", "shared/boot/keys", "shared/boot/buses", "shared/boot/page"},
	"functions/*":                            {"shared/api", "shared/job", "shared/boot", "shared/boot/keys", "shared/boot/buses", "shared/boot/page"},
	"infra/template/resolve":                 {},
	"infra/template":                         {"infra/template/resolve"},
	"infra/cloud/*":                          {"infra/cloud/*", "infra/template"},
	"infra/cloudtest":                        {"infra/cloud/*", "infra/cloudtest/hostile", "infra/template", "shared/awshttp"},
	"infra/cloudtest/*":                      {"infra/cloud/*", "infra/template"},
	"infra/bench":                            {"infra/bench/*", "infra/cloud/host", "infra/cloud/wire"},
	"infra/bench/stage":                      {"infra/cloud/*", "infra/template", "shared/auth"},
	"infra/bench/tape":                       {},
	"infra/bench/hello":                      {},
	"infra/bench/bare":                       {"infra/bench/tape", "shared/awshttp"},
	"infra/bench/replay":                     {"infra/bench/count", "infra/bench/stage", "infra/bench/tape", "infra/cloud/lambda", "infra/cloud/wire"},
	"infra/bench/page":                       {"infra/markdown"},
	"infra/bench/count":                      {"infra/bench/stage", "infra/cloud/host", "infra/cloud/wire"},
	"infra/cost":                             {"infra/bench/count", "infra/bench/stage", "infra/cloud/host", "infra/markdown"},
	"infra/bench/play":                       {"shared/boot", "shared/boot/boottest", "shared/boot/keys", "shared/job"},
	"infra/limits":                           {"infra/limits/*", "infra/bench/count", "infra/bench/stage", "infra/cloud/host", "infra/markdown", "shared/secret"},
	"infra/limits/partition":                 {},
	"infra/limits/trace":                     {"infra/bench/count", "infra/bench/stage", "infra/cloud/wire", "infra/template"},
	"infra/markdown":                         {},
	"infra/edge":                             {},
	"infra/envfile":                          {"infra/cloud/host"},
	"infra/local":                            {"infra/local/containers", "infra/cloud/*", "infra/envfile", "infra/template", "shared/auth", "shared/boot"},
	"infra/local/containers":                 {"infra/cloud/host", "infra/cloud/lambda", "infra/template"},
	"infra/ops/*":                            {"infra/ops/internal/*", "infra/template", "infra/template/resolve", "infra/envfile", "shared/audit", "shared/auth", "shared/secret"},
	"infra/ops/internal/account/accounttest": {},
	"infra/ops/internal/*":                   {"infra/ops/internal/*", "infra/envfile", "shared/awshttp"},
	"infra/ci/judge":                         {"infra/cloud/host", "infra/cloud/iam", "infra/template", "infra/template/resolve"},
	"infra/cli":                              {"infra/cli/*"},
	"infra/cli/client":                       {},
	"infra/cli/service":                      {"infra/cli/client"},
	"infra/cli/login":                        {"infra/cli/service"},
	"infra/cli/run":                          {"infra/cli/client", "infra/cli/login", "infra/cli/service"},
	"infra/cli/transfer":                     {"infra/cli/client", "infra/cli/service"},
	"infra/histories":                        {},
	"infra/ci/mutants":                       {"infra/cloud/host"},
	"infra/ci/use/play":                      {"infra/cloud/host", "infra/cloud/lambda", "shared/auth/authtest"},
	"infra/structure":                        {},
}

// list runs go list and returns its lines.
func list(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// fits reports whether pattern, whose last element may be *, describes path.
func fits(pattern, path string) bool {
	stem, wild := strings.CutSuffix(pattern, "/*")
	if !wild {
		return pattern == path
	}
	rest, ok := strings.CutPrefix(path, stem+"/")
	return ok && !strings.Contains(rest, "/")
}

func TestImportsRunOneWay(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], "keepsake/")
		var allowed []string
		known := false
		for pattern, targets := range arrows {
			if fits(pattern, from) {
				allowed, known = append(allowed, targets...), true
			}
		}
		if !known {
			t.Errorf("%s is missing in arrows: say there what it may import", from)
		}
		for _, imported := range words[1:] {
			to, ours := strings.CutPrefix(imported, "keepsake/")
			if ours && !slices.ContainsFunc(allowed, func(p string) bool { return fits(p, to) }) {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
}

// walls are arrows that not even a test may add. The empty path is the whole project; a path covers what
// is below it.
var walls = []struct{ from, to, because string }{
	{"infra/template/resolve", "", "it is the first phase of reading the template, and below all else"},
	{"infra/cloud", "shared", "it is a small AWS, which knows nothing of Keepsake"},
	{"", "infra/local", "it is a program: run it, or move what you need below infra/cloudtest"},
	{"shared", "infra/cli", "the command line knows the service, not the other way round"},
	{"functions", "infra/cli", "what the command line links would be in every function"},
}

// productTests are what the tests of shared may import beside shared.
var productTests = []string{"shared", "infra/cloudtest", "infra/cloud", "infra/template"}

// covers reports whether path is the folder or below it.
func covers(folder, path string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}

func TestNoTestImportsWhatItsPackageIsKeptApartFrom(t *testing.T) {
	const format = `{{.ImportPath}} {{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}`
	for _, line := range list(t, "-f", format, "./...") {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], "keepsake/")
		for _, imported := range words[1:] {
			to, ours := strings.CutPrefix(imported, "keepsake/")
			if !ours || to == from {
				continue
			}
			for _, wall := range walls {
				if covers(wall.from, from) && covers(wall.to, to) && (wall.to == "" || !covers(wall.to, from)) {
					t.Errorf("%s imports %s: %s", from, to, wall.because)
				}
			}
			if covers("shared", from) && !slices.ContainsFunc(productTests, func(folder string) bool { return covers(folder, to) }) {
				t.Errorf("%s imports %s: it may import %v", from, to, productTests)
			}
		}
	}
}

func TestTheDomainKnowsNeitherAWSNorHTTP(t *testing.T) {
	for _, dependency := range list(t, "-deps", "./shared/secret") {
		if strings.HasPrefix(dependency, "github.com/") || dependency == "net/http" {
			t.Errorf("shared/secret depends on %s", dependency)
		}
	}
	words := regexp.MustCompile(`(?i)dynamo|if-match|idempoten`)
	for _, name := range list(t, "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`, "./shared/secret") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words.FindAllString(string(text), -1) {
			t.Errorf("%s speaks of %q, which is the adapters' business", filepath.Base(name), word)
		}
	}
}

func TestTheHTTPEdgeImportsNoSDK(t *testing.T) {
	for _, imported := range list(t, "-f", `{{join .Imports "\n"}}`, "./shared/api") {
		if strings.Contains(imported, "aws-sdk-go") || strings.Contains(imported, "smithy") {
			t.Errorf("shared/api imports %s: let the adapter return a fault", imported)
		}
	}
}

// The command line is a client: what it knows of the service, it knows from the API's document. And a function
// that linked what only a command line needs would start more slowly.
func TestTheCommandLineSharesNothingWithTheFunctions(t *testing.T) {
	for _, dependency := range list(t, "-deps", "./infra/cli") {
		if strings.HasPrefix(dependency, "keepsake/") && !strings.HasPrefix(dependency, "keepsake/infra/cli") {
			t.Errorf("the command line depends on %s", dependency)
		}
	}
	ofTheCommandLine := []string{"spf13/", "zalando/", "oapi-codegen/", "golang.org/x/term", "service/secretsmanager", "service/ssm", "service/sts", "aws-sdk-go-v2/config"}
	for _, dependency := range list(t, "-deps", "./functions/...") {
		if slices.ContainsFunc(ofTheCommandLine, func(module string) bool { return strings.Contains(dependency, module) }) {
			t.Errorf("a function depends on %s", dependency)
		}
	}
}

func TestOnlyAFunctionWithAKeyLinksKMS(t *testing.T) {
	for _, f := range readTemplate(t).Functions {
		mayUseKMS := false
		for _, s := range f.Statements {
			for _, action := range s.Actions {
				mayUseKMS = mayUseKMS || strings.HasPrefix(action, "kms:")
			}
		}
		dependencies := list(t, "-deps", "./functions/"+f.Name)
		links := slices.Contains(dependencies, "github.com/aws/aws-sdk-go-v2/service/kms")
		if links != mayUseKMS {
			t.Errorf("%s links KMS: %v; its role has a right to it: %v", f.Name, links, mayUseKMS)
		}
	}
}
