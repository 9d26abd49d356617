package transfer

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// assignment begins a line of a dotenv file.
	assignment = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=[ \t]*`)
	// comment may end a line.
	comment = regexp.MustCompile(`^[ \t]*(#[^\n]*)?(\r?\n|$)`)
	// bare is a value without quotes.
	bare = regexp.MustCompile(`^[^\n]*`)
	// expansion is what other readers would replace by something else.
	expansion = regexp.MustCompile(`\$[A-Za-z_{(]`)
)

// Dotenv reads lines NAME=value. A value may be in single quotes, which take everything as it is, or in double quotes,
// in which \n, \r, \t, \", \$ and \\ are read; both may have several lines. Nothing is expanded: a line that asks for
// it is skipped, because its value is not in the file.
func Dotenv(text []byte, source, prefix string) Items {
	r := dotenv{rest: strings.TrimPrefix(string(text), "\ufeff"), source: source, prefix: prefix, seen: map[string]bool{}}
	for r.line = 1; r.rest != ""; {
		r.next()
	}
	return all(r.items, r.skipped)
}

type dotenv struct {
	rest           string
	line           int
	source, prefix string
	seen           map[string]bool
	items          []Item
	skipped        []*Skipped
}

// take cuts n bytes off.
func (d *dotenv) take(n int) string {
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	d.line += strings.Count(taken, "\n")
	return taken
}

// next reads one assignment, or an empty line.
func (d *dotenv) next() {
	if blank := comment.FindString(d.rest); blank != "" {
		d.take(len(blank))
		return
	}
	at := d.line
	found := assignment.FindStringSubmatch(d.rest)
	if found == nil {
		d.refuse(fmt.Sprintf("line %d", at), "it is not NAME=value")
		return
	}
	name := d.prefix + found[1]
	d.take(len(found[0]))
	value, why := d.value()
	switch {
	case why != "":
		d.refuse(name, fmt.Sprintf("line %d: %s", at, why))
	case d.seen[name]:
		d.skipped = append(d.skipped, skip(name, "line %d: the file has it twice; the first one counts", at))
	default:
		d.seen[name] = true
		d.items = append(d.items, Item{Name: name, Source: d.source + " " + found[1], Versions: []Version{{Value: value}}})
	}
}

// refuse skips the rest of the line.
func (d *dotenv) refuse(name, why string) {
	d.skipped = append(d.skipped, skip(name, "%s", why))
	d.take(len(bare.FindString(d.rest)))
	if d.rest != "" {
		d.take(1)
	}
}

// value reads a value and the end of its line. It returns why there is none, without the text.
func (d *dotenv) value() (value, why string) {
	switch {
	case strings.HasPrefix(d.rest, "'"):
		end := strings.IndexByte(d.rest[1:], '\'')
		if end < 0 {
			return "", "a quote is not closed"
		}
		value = d.take(end + 2)
		value = value[1 : len(value)-1]
	case strings.HasPrefix(d.rest, `"`):
		if value, why = d.quoted(); why != "" {
			return "", why
		}
	default:
		value = bare.FindString(d.rest)
		d.take(len(value))
		if i := strings.Index(" "+value, " #"); i >= 0 {
			value = (" " + value)[1:max(i, 1)]
		}
		value = strings.TrimSpace(value)
		if expansion.MatchString(value) {
			return "", "it is made of other variables, which are not expanded; put it into single quotes if it is meant as it is"
		}
	}
	end := comment.FindString(d.rest)
	if end == "" && d.rest != "" {
		return "", "something follows the closing quote"
	}
	d.take(len(end))
	return value, ""
}

var escapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", '"': `"`, '$': "$", '\\': `\`, '`': "`", '\'': "'"}

// quoted reads a value in double quotes.
func (d *dotenv) quoted() (value, why string) {
	var out strings.Builder
	for i := 1; i < len(d.rest); i++ {
		switch c := d.rest[i]; {
		case c == '"':
			d.take(i + 1)
			return out.String(), ""
		case c == '\\' && i+1 < len(d.rest):
			i++
			if text, ok := escapes[d.rest[i]]; ok {
				out.WriteString(text)
			} else {
				out.WriteString(d.rest[i-1 : i+1])
			}
		case c == '$' && expansion.MatchString(d.rest[i:min(i+2, len(d.rest))]):
			return "", `it is made of other variables, which are not expanded; write \$ if it is meant as it is`
		default:
			out.WriteByte(c)
		}
	}
	return "", "a quote is not closed"
}
