package structure

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sam deploy --guided asks for each parameter. Those without a default it must find in its configuration, except the
// keys, which must not be in a file.
func TestSAMIsToldEachParameterThatHasNoDefaultExceptTheKeys(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`(?m)^    "(\w+)=(.*)",$`).FindAllStringSubmatch(string(text), -1)
	var names []string
	parameters := readWritten(t, nil).Parameters
	for _, pair := range told {
		names = append(names, pair[1])
		if err := parameters[pair[1]].Check(pair[2]); err != nil {
			t.Errorf("samconfig.toml: %s: %v", pair[1], err)
		}
	}
	for name, p := range parameters {
		if asked := p.Default == nil && !p.NoEcho; asked != slices.Contains(names, name) {
			t.Errorf("%s has no default and is no secret: %v; samconfig.toml has it: %v", name, asked, !asked)
		}
	}
	if !strings.Contains(string(text), `capabilities = "CAPABILITY_NAMED_IAM"`) {
		t.Error("samconfig.toml lacks the capability that named roles need")
	}
}

// SAM asks about each route whose API has no Auth, and its answer is no. The functions check credentials, so it says
// what changes nothing.
func TestSAMDoesNotAskWhetherARouteMayDoWithoutAuthentication(t *testing.T) {
	auth, _ := at(readWritten(t, nil).Resources["Api"].Properties, "Auth").(map[string]any)
	if len(auth) != 1 || auth["EnableIamAuthorizer"] != false {
		t.Errorf("the gateway's Auth is %v, want only that there is no IAM authorizer", auth)
	}
}
