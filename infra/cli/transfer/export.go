package transfer

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"keepsake/infra/cli/service"
)

// Formats are what Export can write.
var Formats = []string{"dotenv", "json", "kubernetes", "shell"}

// Key returns the key that a format has for a name: a variable for dotenv and shell (api/key becomes API_KEY), the
// name itself for JSON, and what a Kubernetes Secret allows. Two names may have the same key.
func Key(format, name string) string {
	switch format {
	case "dotenv", "shell":
		key := notVariable.ReplaceAllString(strings.ToUpper(name), "_")
		if key != "" && key[0] >= '0' && key[0] <= '9' {
			key = "_" + key
		}
		return key
	case "kubernetes":
		return notData.ReplaceAllString(strings.ReplaceAll(name, "/", "."), "_")
	}
	return name
}

var (
	notVariable = regexp.MustCompile(`[^A-Z0-9_]`)
	notData     = regexp.MustCompile(`[^A-Za-z0-9._-]`)
	// asItIs are values that no reader of dotenv files sees anything in.
	asItIs = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)
)

// Manifest names a Kubernetes Secret.
type Manifest struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"`
}

// Export writes values by their keys.
func Export(format string, values map[string]string, of Manifest) ([]byte, error) {
	switch format {
	case "json":
		text, err := json.MarshalIndent(values, "", "  ")
		return append(text, '\n'), err
	case "kubernetes":
		return kubernetes(values, of)
	}
	quote := quoteDotenv
	start := ""
	if format == "shell" {
		quote, start = quoteShell, "export "
	}
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if strings.ContainsRune(values[key], 0) {
			return nil, service.Fail(service.Failed, "the value for %s has a NUL byte, which no variable can hold", key)
		}
		out.WriteString(start + key + "=" + quote(values[key]) + "\n")
	}
	return []byte(out.String()), nil
}

// quoteShell quotes for every POSIX shell.
func quoteShell(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// quoteDotenv quotes as Dotenv reads, and as the usual libraries do.
func quoteDotenv(value string) string {
	switch {
	case asItIs.MatchString(value):
		return value
	case !strings.ContainsAny(value, "'\r\n"):
		return "'" + value + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`", "\n", `\n`, "\r", `\r`).Replace(value) + `"`
}

func kubernetes(values map[string]string, of Manifest) ([]byte, error) {
	data := map[string]string{}
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	return yaml.Marshal(struct {
		APIVersion string            `yaml:"apiVersion"`
		Kind       string            `yaml:"kind"`
		Metadata   Manifest          `yaml:"metadata"`
		Type       string            `yaml:"type"`
		Data       map[string]string `yaml:"data"`
	}{"v1", "Secret", of, "Opaque", data})
}
