package template

// Table is what it takes to create a DynamoDB table.
type Table struct {
	Name        string         `yaml:"-"` // its logical id
	BillingMode string         `yaml:"BillingMode"`
	Attributes  []Attribute    `yaml:"AttributeDefinitions"`
	Key         []KeyAttribute `yaml:"KeySchema"`
	Local       []Index        `yaml:"LocalSecondaryIndexes"`
	Global      []Index        `yaml:"GlobalSecondaryIndexes"`
	Stream      struct {
		View string `yaml:"StreamViewType"` // empty: the table has no stream
	} `yaml:"StreamSpecification"`
	TTL struct {
		Attribute string `yaml:"AttributeName"`
		Enabled   bool   `yaml:"Enabled"`
	} `yaml:"TimeToLiveSpecification"`
}

// Attribute is an attribute that a key uses.
type Attribute struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"AttributeType"` // S, N or B
}

// KeyAttribute is a part of a key.
type KeyAttribute struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"KeyType"` // HASH or RANGE
}

// Index is a secondary index.
type Index struct {
	Name       string         `yaml:"IndexName"`
	Key        []KeyAttribute `yaml:"KeySchema"`
	Projection struct {
		Type    string   `yaml:"ProjectionType"` // ALL, KEYS_ONLY or INCLUDE
		Include []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

// ARN returns the table's ARN.
func (t Table) ARN() string { return TableARN(t.Name) }
