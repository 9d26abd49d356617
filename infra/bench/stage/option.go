package stage

import "os"

// Option changes the stage that Open opens.
type Option func(*Stage)

// PlayedBy makes the program at path play every function, with this process's own variables of these
// names: a test's program, say, so that a fault in it shows.
func PlayedBy(path string, variables ...string) Option {
	return func(s *Stage) {
		s.binary = func(string) string { return path }
		for _, name := range variables {
			s.inherit = append(s.inherit, name+"="+os.Getenv(name))
		}
	}
}

// Data makes the engine keep its tables in the file at path, and start with those that are there.
func Data(path string) Option { return func(s *Stage) { s.data = path } }

// KeysOf makes KMS have the keys of another stage: it can open what was sealed there.
func KeysOf(other *Stage) Option { return func(s *Stage) { s.keys = other.keys } }
