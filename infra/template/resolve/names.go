package resolve

// Names says what the names in a template mean. With the zero Names, a resource's name is its logical id, and
// no resource has attributes.
type Names struct {
	Pseudo map[string]string // pseudo parameters, such as AWS::Region
	// Parameter is the value of a parameter that has no default. nil: no value is known.
	Parameter func(name string) (value string, ok bool)
	// Properties is the property that holds a resource's physical name, by the resource's type.
	Properties map[string]string
	// Name is the physical name of a resource whose properties do not say it. nil: the logical id.
	Name func(kind, id string) string
	// Ref is what Ref of a resource means, by its physical name. nil: that name.
	Ref func(kind, name string) string
	// GetAtt is what an attribute of a resource means. nil: no attribute is known.
	GetAtt func(kind, name, attribute string) (value string, ok bool)
}

// OnPaper lets each name stand for itself, as in a Sub: what AWS will call a resource is not known yet.
var OnPaper = Names{
	Pseudo: map[string]string{
		"AWS::AccountId": "${AWS::AccountId}",
		"AWS::Partition": "${AWS::Partition}",
		"AWS::Region":    "${AWS::Region}",
		"AWS::StackName": "${AWS::StackName}",
		"AWS::URLSuffix": "${AWS::URLSuffix}",
	},
	Parameter: func(name string) (string, bool) { return "${" + name + "}", true },
	Ref:       func(_, name string) string { return "${" + name + "}" },
	GetAtt:    func(_, name, attribute string) (string, bool) { return "${" + name + "." + attribute + "}", true },
}
