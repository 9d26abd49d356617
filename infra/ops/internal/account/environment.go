package account

import "fmt"

// Environment looks a variable up, as os.LookupEnv does.
type Environment func(name string) (value string, set bool)

// Get is a variable's value, empty if it is not set.
func (e Environment) Get(name string) string {
	value, _ := e(name)
	return value
}

// RefuseBlank is an error that names the first of these variables that is set to nothing. Make
// strips blanks, so that SCOPES=" " and STACK=$unset_by_mistake both arrive like that: whoever wrote
// them did not mean the default.
func (e Environment) RefuseBlank(names ...string) error {
	for _, name := range names {
		if value, set := e(name); set && value == "" {
			return fmt.Errorf("%s is blank: give it a value, or leave it out", name)
		}
	}
	return nil
}
