package terraform

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// config is a folder with a configuration of Terraform, made of the page's blocks.
type config struct {
	t    *testing.T
	dir  string
	vars map[string]string
	said *strings.Builder // all that Terraform has printed
}

// configure writes blocks of the page into a new folder.
func configure(t *testing.T, vars map[string]string, blocks ...string) config {
	c := config{t: t, dir: t.TempDir(), vars: vars, said: &strings.Builder{}}
	for _, file := range blocks {
		c.write(file, block(t, file))
	}
	return c
}

func (c config) write(file, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, file), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run runs Terraform, and returns what it has printed, in one line, and its exit code. Terraform breaks the lines of
// an error where it likes.
func (c config) run(args ...string) (string, int) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), os.Getenv("TERRAFORM"), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color")
	for name, value := range c.vars {
		if strings.HasPrefix(name, "TF_LOG") {
			cmd.Env = append(cmd.Env, name+"="+value)
		} else {
			cmd.Env = append(cmd.Env, "TF_VAR_"+name+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	c.said.Write(out)
	if cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	words := strings.Fields(strings.NewReplacer("│", " ", "╵", " ", "╷", " ").Replace(string(out)))
	return strings.Join(words, " "), cmd.ProcessState.ExitCode()
}

// does runs Terraform, which must succeed.
func (c config) does(args ...string) string {
	c.t.Helper()
	out, code := c.run(args...)
	if code != 0 {
		c.t.Fatalf("terraform %s: exit code %d: %s", args[0], code, out)
	}
	return out
}

// refuses runs Terraform, which must fail and say each text.
func (c config) refuses(texts []string, args ...string) {
	c.t.Helper()
	out, code := c.run(args...)
	if code != 1 {
		c.t.Fatalf("terraform %s: exit code %d, not 1: %s", args[0], code, out)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			c.t.Errorf("terraform %s does not say %q: %s", args[0], text, out)
		}
	}
}

func (c config) apply() string {
	c.t.Helper()
	return c.does("apply", "-auto-approve")
}

// settled fails unless Terraform plans nothing.
func (c config) settled() {
	c.t.Helper()
	if out, code := c.run("plan", "-detailed-exitcode"); code != 0 {
		c.t.Fatalf("the plan is not empty: exit code %d: %s", code, out)
	}
}

// instance is a resource in the state.
type instance struct {
	Attributes json.RawMessage
	Private    []byte // in base64, as JSON has bytes
}

func (c config) state(address string) instance {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil {
		c.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []instance
		}
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type+"."+r.Name == address && len(r.Instances) == 1 {
			return r.Instances[0]
		}
	}
	c.t.Fatalf("the state has no %s", address)
	return instance{}
}

// secret returns the id of the secret in the state.
func (c config) secret() string {
	c.t.Helper()
	var attributes struct{ ID string }
	if err := json.Unmarshal(c.state("restful_resource.db_password").Attributes, &attributes); err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimPrefix(attributes.ID, "/secrets/")
}

// holds lists what contains a text: the files of the folder, those inside saved plans, and what Terraform has printed.
func (c config) holds(text string) []string {
	c.t.Helper()
	var found []string
	if strings.Contains(c.said.String(), text) {
		found = append(found, "output")
	}
	for file, content := range files(c.t, c.dir) {
		if strings.Contains(content, text) {
			found = append(found, file)
		}
	}
	slices.Sort(found)
	return found
}
