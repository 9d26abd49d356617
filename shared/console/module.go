package console

import (
	"fmt"
	"strings"
)

// module returns a module's text without its imports and exports, and what it exports, as the fields of an
// object. It links what the module imports. It knows these forms, each at the beginning of a line:
//
//	import { a, b as c } from "./other.js";     import d from "htm";
//	export { a, b as c };                       export default function(
//	export const a     export function a     export async function a     export class a
func (l *linker) module(text string) (body string, exports []string, err error) {
	var out strings.Builder
	for text != "" {
		var imported string
		var exported []string
		switch {
		case strings.HasPrefix(text, "import "):
			imported, text, err = l.imports(text)
		case strings.HasPrefix(text, "export {"):
			exported, text, err = exportList(text)
		case strings.HasPrefix(text, "export "):
			exported, text, err = declaration(text)
		default:
			line, rest, _ := strings.Cut(text, "\n")
			if word := strings.TrimSpace(line); strings.HasPrefix(word, "import{") || strings.HasPrefix(word, "export{") {
				err = unsupported(text)
			}
			imported, text = line+"\n", rest
		}
		if err != nil {
			return "", nil, err
		}
		out.WriteString(imported)
		exports = append(exports, exported...)
	}
	return out.String(), exports, nil
}

// imports returns an import as a declaration of constants, and the text after it.
func (l *linker) imports(text string) (statement, rest string, err error) {
	what, after, ok := strings.Cut(strings.TrimPrefix(text, "import "), " from \"")
	module, rest, ended := strings.Cut(after, "\";")
	if !ok || !ended || strings.ContainsAny(module, "\n\" ") || strings.ContainsAny(what, ";*\"") {
		return "", "", unsupported(text)
	}
	name, err := l.add(module)
	if err != nil {
		return "", "", err
	}
	if strings.HasPrefix(what, "{") {
		return "const " + strings.ReplaceAll(what, " as ", ": ") + " = " + name + ";", rest, nil
	}
	return "const " + what + " = " + name + ".default;", rest, nil
}

// exportList returns what a list exports, and the text after it.
func exportList(text string) (exports []string, rest string, err error) {
	list, rest, ended := strings.Cut(strings.TrimPrefix(text, "export {"), "};")
	if !ended || strings.ContainsAny(list, "{;(") {
		return nil, "", unsupported(text)
	}
	for part := range strings.SplitSeq(list, ",") {
		inner, outer, renamed := strings.Cut(strings.TrimSpace(part), " as ")
		switch {
		case inner == "": // after the last comma
		case renamed:
			exports = append(exports, outer+": "+inner)
		default:
			exports = append(exports, inner)
		}
	}
	return exports, rest, nil
}

// declaration returns the name that an exported declaration exports, and the text from that declaration on.
func declaration(text string) (exports []string, rest string, err error) {
	rest = strings.TrimPrefix(text, "export ")
	if function, ok := strings.CutPrefix(rest, "default function("); ok {
		return []string{"default: $default"}, "const $default = function(" + function, nil
	}
	for _, kind := range []string{"const ", "function ", "async function ", "class "} {
		if after, ok := strings.CutPrefix(rest, kind); ok {
			if name := identifier(after); name != "" {
				return []string{name}, rest, nil
			}
		}
	}
	return nil, "", unsupported(text)
}

// identifier returns the name that text begins with; "" if it begins with none.
func identifier(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if end < 0 {
		return text
	}
	return text[:end]
}

func unsupported(text string) error {
	line, _, _ := strings.Cut(text, "\n")
	return fmt.Errorf("this import or export has a form that is not supported: %.60s", line)
}
