package main

import (
	"fmt"
	"os"
	"regexp"
)

// longestName is how long the name of an IAM role may be, and of a CloudFront function.
const longestName = 64

// named finds the names that the template makes of the stack's and the region's.
var named = regexp.MustCompile(`\$\{AWS::StackName\}-\$\{AWS::Region\}(-[a-z-]+)`)

// checkNames refuses a stack whose name leaves no room for what is named after it. CloudFormation
// would find out while it makes them.
func checkNames(path, stack, region string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	for _, m := range named.FindAllStringSubmatch(string(text), -1) {
		if over := len(stack+"-"+region+m[1]) - longestName; over > 0 {
			return fmt.Errorf("STACK: %q is too long by %d: %s is to be a name of at most %d characters",
				stack, over, stack+"-"+region+m[1], longestName)
		}
	}
	return nil
}
