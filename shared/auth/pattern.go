package auth

import (
	"regexp"
	"strings"
)

// fits reports whether text fits a pattern. A star stands for any characters, or none. At the end of the
// pattern it stands for all the rest; before, for no colon: colons separate the parts of most subjects, and
// a star for one part must not reach into the next.
func fits(pattern, text string) bool {
	parts, rest := strings.Split(pattern, ":"), strings.Split(text, ":")
	last := len(parts) - 1
	if len(parts) > len(rest) || len(parts) < len(rest) && !strings.HasSuffix(pattern, "*") {
		return false
	}
	for i, part := range parts[:last] {
		if !partFits(part, rest[i]) {
			return false
		}
	}
	return partFits(parts[last], rest[last])
}

// partFits is fits for a part without colons. It takes the first place for each piece between two stars,
// which leaves most for the next ones, so its time is bounded by the lengths multiplied.
func partFits(pattern, text string) bool {
	pieces := strings.Split(pattern, "*")
	text, ok := strings.CutPrefix(text, pieces[0])
	if len(pieces) == 1 {
		return ok && text == ""
	}
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		_, after, found := strings.Cut(text, piece)
		ok, text = ok && found, after
	}
	return ok && strings.HasSuffix(text, pieces[last])
}

// owners are how subjects begin whose next part is the name of an owner, with the sign that ends the name.
// Whoever may choose a name can choose one that only begins like another.
var owners = []struct{ begin, end string }{
	{"repo:", "/"},                  // GitHub: an organisation or a user
	{"project_path:", "/"},          // GitLab: a group or a user
	{"system:serviceaccount:", ":"}, // Kubernetes: a namespace
}

// arn is how the subject of a role or a user of AWS begins, with a part of its name.
var arn = regexp.MustCompile(`^arn:[a-z-]+:(iam|sts)::\d{12}:[a-z-]+/.`)

// LetsInEverybody reports whether a pattern on subjects says too little about who may come in: it has a star
// before the name of an owner, or of a role, is complete.
func LetsInEverybody(pattern string) bool {
	begin, _, open := strings.Cut(pattern, "*")
	if !open {
		return false
	}
	for _, owner := range owners {
		if name, ok := strings.CutPrefix(begin, owner.begin); ok {
			return strings.Index(name, owner.end) < 1
		}
		if strings.HasPrefix(owner.begin, begin) {
			return true
		}
	}
	if strings.HasPrefix(begin, "arn:") || strings.HasPrefix("arn:", begin) {
		return !arn.MatchString(begin)
	}
	if i := strings.IndexAny(begin, ":|/"); i >= 0 { // user:…, auth0|…, spiffe://…
		return strings.Trim(begin[i:], ":|/") == ""
	}
	return false
}
