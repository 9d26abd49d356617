package structure

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// contentsLine is a line of the contents at the head of the template. Two spaces end the title.
	contentsLine = regexp.MustCompile(`(?m)^# {1,3}(\S+(?: \S+)*)(?:  .*)?$`)
	// title is the first line of a part of the template: a key, or a section of its resources.
	title = regexp.MustCompile(`(?m)^(?:([A-Z]\w+):$|  # -{4} (.+?) -+$)`)
)

func TestTheTemplatesContentsNameItsSectionsInTheirOrder(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\nAWSTemplateFormatVersion:")
	_, head, _ = strings.Cut(head, "\n#\n") // what the template is about
	head, _, _ = strings.Cut(head, "\n#\n") // how a function is written
	var contents, titles []string
	for _, line := range contentsLine.FindAllStringSubmatch(head, -1) {
		contents = append(contents, strings.Split(line[1], ", ")...)
	}
	for _, part := range title.FindAllStringSubmatch(body, -1) {
		titles = append(titles, part[1]+part[2])
	}
	if !slices.Equal(contents, titles) {
		t.Errorf("the contents list\n%q, the template has\n%q", contents, titles)
	}
}
