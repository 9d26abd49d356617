package console

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dop251/goja"
)

// modules are a page's, by file.
func modules(files ...string) fstest.MapFS {
	all := fstest.MapFS{
		"vendor/preact.mjs": {Data: []byte(`var t=2;export{t as h};` + "\n//# sourceMappingURL=preact.mjs.map")},
		"vendor/hooks.mjs":  {Data: []byte(`import{h as n}from"preact";var t=n+1;export{t as useState};`)},
		"vendor/htm.mjs":    {Data: []byte(`var t=new Map;export default function(s){return s+t.size}`)},
	}
	for i := 0; i < len(files); i += 2 {
		all[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return all
}

func TestEachFormOfImportAndExportIsLinked(t *testing.T) {
	script, err := link(modules(
		"app/main.js", "import { a, b as c, f,\n  K } from \"./one.js\";\nimport { useState } from \"preact/hooks\";\nimport htm from \"htm\";\n"+
			"const t = \"mine\";\nout = [a, c, f(), new K().x, useState, htm(1), t].join(\" \");\n",
		"app/one.js", "import { h } from \"preact\";\nimport { d } from \"./two.js\";\nconst inner = d + h;\nexport { inner as b };\n"+
			"export const a = 1;\nexport async function later() {}\nexport function f() {\n  return \"f\";\n}\nexport class K {\n  x = \"k\";\n}\n",
		"app/two.js", "export const d = 10; // the only one\n",
	))
	if err != nil {
		t.Fatal(err)
	}
	vm := goja.New()
	if _, err := vm.RunString(`"use strict"; var out; ` + script); err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	if got := vm.Get("out").String(); got != "1 12 f k 3 1 mine" {
		t.Errorf("%s\n%s", got, script)
	}
}

func TestAModuleRunsOnceThoughManyImportIt(t *testing.T) {
	script, err := link(modules(
		"app/main.js", "import { a } from \"./one.js\";\nimport { b } from \"./two.js\";\nout = a + b;\n",
		"app/one.js", "import { n } from \"./three.js\";\nexport const a = n;\n",
		"app/two.js", "import { n } from \"./three.js\";\nexport const b = n;\n",
		"app/three.js", "runs++;\nexport const n = runs;\n",
	))
	if err != nil {
		t.Fatal(err)
	}
	vm := goja.New()
	if _, err := vm.RunString(`var out, runs = 0; ` + script); err != nil || vm.Get("out").ToInteger() != 2 || vm.Get("runs").ToInteger() != 1 {
		t.Errorf("%v, %v, %v", vm.Get("out"), vm.Get("runs"), err)
	}
}

func TestAFormThatIsNotKnownIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"import * as one from \"./one.js\";":        "not supported",
		"import \"./one.js\";":                      "not supported",
		"import { a } from './one.js';":             "not supported",
		"import{a} from \"./one.js\";":              "not supported",
		"import { a } from \"./one.js\"\nlet b = 1": "not supported",
		"export let a = 1;":                         "not supported",
		"export const { a } = {};":                  "not supported",
		"export * from \"./one.js\";":               "not supported",
		"export default 1;":                         "not supported",
		"import { a } from \"./none.js\";":          "none.js",
		"import { a } from \"lodash\";":             "lodash",
		"import { a } from \"./main.js\";":          "imports itself",
	} {
		_, err := link(modules("app/main.js", text, "app/one.js", "export const a = 1;\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
