package template

import (
	"strings"

	"keepsake/infra/template/resolve"
)

// originHeaders reads what a distribution adds to the requests that it passes on. What else it says has
// no meaning on a laptop, and is not looked at.
func originHeaders(distribution resolve.Value) (map[string]string, error) {
	all := map[string]string{}
	for _, origin := range distribution.At("DistributionConfig", "Origins").List() {
		var headers []struct {
			Name  string `yaml:"HeaderName"`
			Value string `yaml:"HeaderValue"`
		}
		if err := origin.At("OriginCustomHeaders").Decode(&headers); err != nil {
			return nil, err
		}
		for _, header := range headers {
			all[strings.ToLower(header.Name)] = header.Value
		}
	}
	return all, nil
}
