package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// bounds are what a template says of a parameter's value. CloudFormation checks them too, after the
// build.
type bounds struct {
	Type           string   `yaml:"Type"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
	MinValue       *float64 `yaml:"MinValue"`
	MaxValue       *float64 `yaml:"MaxValue"`
	MaxLength      int      `yaml:"MaxLength"`
}

// check refuses a value that is out of bounds, and says what they are.
func (b bounds) check(value string) error {
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case b.Type == "Number" && err != nil:
		return fmt.Errorf("%q is no number", value)
	case b.MinValue != nil && number < *b.MinValue:
		return fmt.Errorf("%s is less than %v", value, *b.MinValue)
	case b.MaxValue != nil && number > *b.MaxValue:
		return fmt.Errorf("%s is more than %v", value, *b.MaxValue)
	case b.AllowedValues != nil && !slices.Contains(b.AllowedValues, value):
		return fmt.Errorf("%q is none of %s", value, strings.Join(b.AllowedValues, ", "))
	case b.MaxLength > 0 && utf8.RuneCountInString(value) > b.MaxLength:
		return fmt.Errorf("it has more than %d characters", b.MaxLength)
	}
	return b.match(value)
}

func (b bounds) match(value string) error {
	if b.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + b.AllowedPattern + ")$") // as CloudFormation has it: all of it
	if err != nil {
		return nil // one of Java's, which CloudFormation will apply
	}
	if !pattern.MatchString(value) {
		return fmt.Errorf("%q does not match %s", value, b.AllowedPattern)
	}
	return nil
}
