package console

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// entry is the module that starts the console.
const entry = "./main.js"

// vendored are the libraries that modules import by name.
var vendored = map[string]string{
	"preact": "vendor/preact.mjs", "preact/hooks": "vendor/hooks.mjs", "htm": "vendor/htm.mjs",
}

// syntax are the forms of import and export that a module may use.
type syntax struct {
	imports, list, declaration, standard, left, source *regexp.Regexp
}

// linker makes one script of the modules: a browser runs an inline module, but one cannot import another.
// Each becomes a function that runs once and returns what the module exports, so that no two share a name.
type linker struct {
	sources fs.FS
	syntax  syntax
	names   map[string]string // of the constants that hold the modules' exports, by module
	open    map[string]bool   // modules whose imports are being linked
	script  strings.Builder
}

// link returns the script of main.js and all that it imports, each module after those that it imports.
func link(sources fs.FS) (string, error) {
	l := &linker{
		sources: sources,
		syntax: syntax{
			imports:     regexp.MustCompile(`(?m)^import\s*(\w+|\{[^}]*\})\s*from\s*"([^"]+)";`),
			list:        regexp.MustCompile(`(^|[;}\n])export\s*\{([^}]*)\};`),
			declaration: regexp.MustCompile(`(?m)^export ((?:const|class|function|async function) (\w+))`),
			standard:    regexp.MustCompile(`(^|[;}\n])export default function\(`),
			left:        regexp.MustCompile(`(?m)^\s*(import|export)\b.*|[;}](import|export)\b\s*[{*]`),
			source:      regexp.MustCompile(`(?m)^//# sourceMappingURL=.*\n?`),
		},
		names: map[string]string{}, open: map[string]bool{},
	}
	_, err := l.add(entry)
	return l.script.String(), err
}

// add links a module unless it is linked, and returns the constant that holds its exports.
func (l *linker) add(module string) (name string, err error) {
	if name, done := l.names[module]; done {
		return name, nil
	}
	if l.open[module] {
		return "", fmt.Errorf("%s imports itself, through others", module)
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
	body, exports, err := l.module(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	name = fmt.Sprintf("$%d", len(l.names))
	l.names[module] = name
	fmt.Fprintf(&l.script, "\n// %s\nconst %s = (() => {\n%s\nreturn {%s};\n})();\n", file, name, strings.TrimSpace(body), strings.Join(exports, ", "))
	return name, nil
}

// module returns a module's text without its imports and exports, and what it exports as the fields of an
// object. It links what the module imports.
func (l *linker) module(text string) (body string, exports []string, err error) {
	body = l.syntax.source.ReplaceAllString(text, "")
	body = l.syntax.imports.ReplaceAllStringFunc(body, func(statement string) string {
		parts := l.syntax.imports.FindStringSubmatch(statement)
		name, failed := l.add(parts[2])
		err = errors.Join(err, failed)
		if !strings.HasPrefix(parts[1], "{") {
			return fmt.Sprintf("const %s = %s.default;", parts[1], name)
		}
		return fmt.Sprintf("const %s = %s;", strings.ReplaceAll(parts[1], " as ", ": "), name)
	})
	body = l.syntax.list.ReplaceAllStringFunc(body, func(statement string) string {
		parts := l.syntax.list.FindStringSubmatch(statement)
		for part := range strings.SplitSeq(parts[2], ",") {
			inner, outer, renamed := strings.Cut(strings.TrimSpace(part), " as ")
			if !renamed {
				outer = inner
			}
			if inner != "" {
				exports = append(exports, outer+": "+inner)
			}
		}
		return parts[1]
	})
	for _, parts := range l.syntax.declaration.FindAllStringSubmatch(body, -1) {
		exports = append(exports, parts[2])
	}
	body = l.syntax.declaration.ReplaceAllString(body, "$1")
	if l.syntax.standard.MatchString(body) {
		exports = append(exports, "default: $default")
		body = l.syntax.standard.ReplaceAllString(body, "${1}const $$default=function(")
	}
	if left := l.syntax.left.FindString(body); left != "" {
		err = errors.Join(err, fmt.Errorf("this form is not supported: %s", left))
	}
	return body, exports, err
}
