package template

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// originHeaders reads what a distribution adds to the requests that it passes on. What else it says
// has no meaning on a laptop, and is not looked at.
func originHeaders(r resource, s *scope) (map[string]string, error) {
	var properties struct {
		DistributionConfig struct {
			Origins []struct {
				OriginCustomHeaders yaml.Node `yaml:"OriginCustomHeaders"`
			} `yaml:"Origins"`
		} `yaml:"DistributionConfig"`
	}
	if err := r.Properties.Decode(&properties); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, origin := range properties.DistributionConfig.Origins {
		var headers []struct {
			Name  string `yaml:"HeaderName"`
			Value string `yaml:"HeaderValue"`
		}
		if err := s.decode(&origin.OriginCustomHeaders, &headers); err != nil {
			return nil, err
		}
		for _, header := range headers {
			all[strings.ToLower(header.Name)] = header.Value
		}
	}
	return all, nil
}
