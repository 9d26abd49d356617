package template

import (
	"strings"

	"keepsake/infra/template/resolve"
)

// originHeaders reads the headers that a distribution adds to the requests that it passes on. It reads
// nothing else: a laptop has no meaning for the rest.
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
