package resolve

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// numeric is the Type of a parameter whose value is a number.
const numeric = "Number"

// Parameter is a parameter as the template declares it.
type Parameter struct {
	Type           string   `yaml:"Type"`
	Default        *string  `yaml:"Default"` // nil: it must be given a value
	NoEcho         bool     `yaml:"NoEcho"`  // its value is a secret
	Description    string   `yaml:"Description"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
	MinValue       *float64 `yaml:"MinValue"`
	MaxValue       *float64 `yaml:"MaxValue"`
	MinLength      int      `yaml:"MinLength"` // in characters, like MaxLength
	MaxLength      int      `yaml:"MaxLength"` // 0: any
}

// Check refuses a value that is out of the parameter's bounds, and says what to choose. CloudFormation
// checks the same, but after the build. Parse does not check bounds: a laptop uses http addresses where AWS
// must have https.
func (p Parameter) Check(value string) error {
	if err := p.checkType(value); err != nil {
		return err
	}
	number, _ := strconv.ParseFloat(value, 64)
	length := utf8.RuneCountInString(value)
	switch {
	case p.MinValue != nil && number < *p.MinValue:
		return fmt.Errorf("%s is too small: choose %v or more", value, *p.MinValue)
	case p.MaxValue != nil && number > *p.MaxValue:
		return fmt.Errorf("%s is too large: choose %v or less", value, *p.MaxValue)
	case p.AllowedValues != nil && !slices.Contains(p.AllowedValues, value):
		return fmt.Errorf("%q is not allowed: choose %s", value, alternatives(p.AllowedValues))
	case length < p.MinLength:
		return fmt.Errorf("%q is too short: it must have %d characters or more", value, p.MinLength)
	case p.MaxLength > 0 && length > p.MaxLength:
		return fmt.Errorf("it is too long: it must have %d characters or fewer", p.MaxLength)
	}
	return p.checkPattern(value)
}

func (p Parameter) checkType(value string) error {
	if _, err := strconv.ParseFloat(value, 64); err != nil && p.Type == numeric {
		return fmt.Errorf("%q is not a number", value)
	}
	return nil
}

func (p Parameter) checkPattern(value string) error {
	if p.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + p.AllowedPattern + ")$") // CloudFormation matches the whole value, too
	if err != nil {
		return nil // a pattern of Java that Go does not know: CloudFormation will check it
	}
	if !pattern.MatchString(value) {
		return fmt.Errorf("%q is not allowed: it must match %s", value, p.AllowedPattern)
	}
	return nil
}

// alternatives joins values: "a, b or c".
func alternatives(values []string) string {
	last := len(values) - 1
	if last < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// choose returns the parameters' values: the given ones, or else the defaults, or else the values that
// Names has for parameters without a default.
func choose(declared map[string]Parameter, named func(string) (string, bool), given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	for name, p := range declared {
		if p.Default != nil {
			values[name] = *p.Default
		} else if named != nil {
			if value, ok := named(name); ok {
				values[name] = value
			}
		}
	}
	maps.Copy(values, given)
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p, ok := declared[name]
		if !ok {
			wrong = append(wrong, fmt.Errorf("there is no parameter %s", name))
		} else if err := p.checkType(values[name]); err != nil {
			wrong = append(wrong, fmt.Errorf("parameter %s: %w", name, err))
		}
	}
	return values, errors.Join(wrong...)
}
