package eso

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	esv1alpha1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1alpha1"
	genv1alpha1 "github.com/external-secrets/external-secrets/apis/generators/v1alpha1"
)

// The address that the page's stores have. The tests put that of the running stack in its place.
const pageAddress = "https://keepsake.example.com"

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, batchv1.AddToScheme, rbacv1.AddToScheme, esv1.AddToScheme, esv1alpha1.AddToScheme, genv1alpha1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err)
		}
	}
	return s
}()

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// manifests are the page's objects, by kind/name, with the defaults that a cluster would fill in. A field that ESO's
// or Kubernetes' type does not have fails the test.
func manifests(t *testing.T) map[string]client.Object {
	t.Helper()
	page := strings.ReplaceAll(read(t, os.Getenv("PAGE")), pageAddress, os.Getenv("KEEPSAKE_URL"))
	out := map[string]client.Object{}
	for _, block := range yamlBlock.FindAllStringSubmatch(page, -1) {
		for _, text := range strings.Split(block[1], "---\n") {
			object := manifest(t, text)
			key := object.GetObjectKind().GroupVersionKind().Kind + "/" + object.GetName()
			if out[key] != nil {
				t.Fatal("the page has two of ", key)
			}
			out[key] = object
		}
	}
	return out
}

func manifest(t *testing.T, text string) client.Object {
	t.Helper()
	var content map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &content); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	fillDefaults(t, content)
	filled, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(filled, &head); err != nil {
		t.Fatal(err)
	}
	empty, err := scheme.New(head.GroupVersionKind())
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(filled, empty); err != nil {
		t.Fatalf("the page's YAML does not fit the type: %v\n%s", err, text)
	}
	object := empty.(client.Object)
	object.GetObjectKind().SetGroupVersionKind(head.GroupVersionKind())
	object.SetGeneration(1)
	return object
}

// A schema is what fillDefaults needs of a CRD's.
type schema struct {
	Default    any               `json:"default"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

type crd struct {
	Spec struct {
		Versions []struct {
			Name   string `json:"name"`
			Schema struct {
				OpenAPIV3Schema schema `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

// fillDefaults fills in the defaults of ESO's own CRDs, as the cluster's API does.
func fillDefaults(t *testing.T, object map[string]any) {
	t.Helper()
	group, version, custom := strings.Cut(object["apiVersion"].(string), "/")
	kind := object["kind"].(string)
	if !custom || group != "external-secrets.io" {
		return
	}
	known, ok := schemas[kind]
	if !ok {
		known = readCRD(t, kind)
		schemas[kind] = known
	}
	of, ok := known[version]
	if !ok {
		t.Fatalf("ESO has no %s of version %s", kind, version)
	}
	of.fill(object)
}

// schemas has what was read, by kind and version: ESO's files have thousands of lines.
var schemas = map[string]map[string]schema{}

func readCRD(t *testing.T, kind string) map[string]schema {
	t.Helper()
	var found crd
	text := read(t, os.Getenv("ESO")+"/config/crds/bases/external-secrets.io_"+strings.ToLower(kind)+"s.yaml")
	if err := yaml.Unmarshal([]byte(text), &found); err != nil {
		t.Fatal(err)
	}
	out := map[string]schema{}
	for _, v := range found.Spec.Versions {
		out[v.Name] = v.Schema.OpenAPIV3Schema
	}
	return out
}

func (s schema) fill(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, property := range s.Properties {
			if _, ok := v[name]; !ok && property.Default != nil {
				v[name] = runtime.DeepCopyJSONValue(property.Default)
			}
			if v[name] != nil {
				property.fill(v[name])
			}
		}
	case []any:
		for _, item := range v {
			if s.Items != nil {
				s.Items.fill(item)
			}
		}
	}
}

// on returns the page's object of a name, for a test to change.
func on[T client.Object](t *testing.T, key string) T {
	t.Helper()
	object, ok := manifests(t)[key].(T)
	if !ok {
		t.Fatal("the page has no ", key)
	}
	return object
}

func TestThePageShowsEachKindOfObject(t *testing.T) {
	found := manifests(t)
	for _, key := range []string{"SecretStore/keepsake", "SecretStore/keepsake-by-id", "ClusterSecretStore/keepsake", "ExternalSecret/shop", "ExternalSecret/shop-login", "SecretStore/keepsake-push", "PushSecret/shop-signing", "CronJob/keepsake-token"} {
		if found[key] == nil {
			t.Error("the page has no ", key)
		}
	}
}

func TestAFieldThatESODoesNotHaveIsFound(t *testing.T) {
	text := "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: x}\nspec: {provider: {webhook: {url: https://x, verb: POST}}}\n"
	if err := yaml.UnmarshalStrict([]byte(text), &esv1.SecretStore{}); err == nil || !bytes.Contains([]byte(err.Error()), []byte("verb")) {
		t.Error(err)
	}
}
