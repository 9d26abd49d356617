package histories

import (
	"fmt"
	"strings"
)

// input is a request. What it is about is a place for one secret, which a create fills.
type input struct {
	op      string // "create", "get", "update", "delete", "force", "undelete", "append", "enable", "disable", "destroy", "access"
	place   int
	ifMatch string
	key     string // an idempotency key; empty: none
	number  int    // of the version
	ask     string // of an access: "", the number counts; else "latest" or an alias
	value   string // of a create or an append
	name    string // of an update
	alias   int    // of an update: which version the alias names from then on
	now     int64  // the time, which stands still while requests are under way
	half    half   // which part of the request this is
	request int64  // the same in both halves
}

// half is a part of a request. A change happens at one moment, and its answer tells of the resource at
// that moment or a later one: a function that has to ask again what became of its write answers with what
// it finds. A change of a version happens to the version and to the secret that counts it. To whoever
// reads while it is under way these are two moments: DynamoDB shows the rows of a transaction one by one.
type half int

const (
	whole half = iota
	effect
	ofVersion
	ofSecret
	telling
)

// output is an answer, as far as the contract says what it must be.
type output struct {
	id      string // of the secret; the model does not look at it
	unknown bool   // nothing came back, or 503
	status  int
	reason  string // of an error
	etag    string // of the resource; of an error the current one, if it tells
	state   string // of a secret or a version
	purgeAt int64
	count   int
	enabled int
	number  int
	alias   int
	name    string
	value   string
}

// alias is the one alias that requests use.
const alias = "prod"

func (i input) String() string {
	what := []string{i.op}
	add := func(name string, value any, there bool) {
		if there {
			what = append(what, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add("v", i.number, i.number > 0)
	add("ask", i.ask, i.ask != "")
	add("if-match", i.ifMatch, i.ifMatch != "")
	add("key", i.key, i.key != "")
	add("value", i.value, i.value != "")
	add("name", i.name, i.name != "")
	add(alias, i.alias, i.alias > 0)
	text := strings.Join(what, " ") + fmt.Sprintf(" @%d", i.now)
	return map[half]string{effect: "(happens) ", ofVersion: "(version) ", ofSecret: "(count) ", telling: "(tells) "}[i.half] + text
}

func (o output) String() string {
	if o.unknown {
		return "unknown"
	}
	what := []string{fmt.Sprint(o.status)}
	for _, part := range []struct {
		name string
		text string
	}{
		{"", o.reason}, {"etag=", o.etag}, {"", o.state}, {"name=", o.name}, {"value=", o.value},
		{"v=", number(o.number)}, {"versions=", number(o.count)}, {"enabled=", number(o.enabled)},
		{alias + "=", number(o.alias)}, {"purge_at=", number(int(o.purgeAt))},
	} {
		if part.text != "" {
			what = append(what, part.name+part.text)
		}
	}
	return strings.Join(what, " ")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
