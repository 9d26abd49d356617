package console

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// entry is the module that starts the console.
const entry = "./main.js"

// vendored are the libraries that modules import by name.
var vendored = map[string]string{
	"preact": "vendor/preact.mjs", "preact/hooks": "vendor/hooks.mjs", "htm": "vendor/htm.mjs",
}

// unminified puts a library's imports and exports on lines of their own, and leaves its map out.
var unminified = strings.NewReplacer(
	"import{", "import {", "}from\"", "} from \"",
	";export{", ";\nexport {", "}export{", "}\nexport {", ";export default ", ";\nexport default ",
	"//# sourceMappingURL=", "// the map is left out: ",
)

// linker makes one script of the modules: a browser runs an inline module, but one cannot import another. Each
// becomes a function that runs once and returns what the module exports, so that no two share a name.
type linker struct {
	sources fs.FS
	names   map[string]string // of the constants that hold the modules' exports, by module
	open    map[string]bool   // modules whose imports are being linked
	script  strings.Builder
}

// link returns the script of main.js and of all that it imports, each module after those that it imports.
func link(sources fs.FS) (string, error) {
	l := &linker{sources: sources, names: map[string]string{}, open: map[string]bool{}}
	_, err := l.add(entry)
	return l.script.String(), err
}

// add links a module unless it is linked, and returns the constant that holds its exports.
func (l *linker) add(module string) (string, error) {
	if name, done := l.names[module]; done {
		return name, nil
	}
	if l.open[module] {
		return "", fmt.Errorf("%s imports itself, directly or through others", module)
	}
	l.open[module] = true
	file, ok := vendored[module]
	if !ok {
		file = path.Join("app", module)
	}
	text, err := fs.ReadFile(l.sources, file)
	if err != nil {
		return "", err
	}
	if ok {
		text = []byte(unminified.Replace(string(text)))
	}
	body, exports, err := l.module(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	name := fmt.Sprintf("$%d", len(l.names))
	l.names[module] = name
	fmt.Fprintf(&l.script, "\n// %s\nconst %s = (() => {\n%s\nreturn {%s};\n})();\n", file, name, strings.TrimSpace(body), strings.Join(exports, ", "))
	return name, nil
}
