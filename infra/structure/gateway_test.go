package structure

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTheDoorIsThrottledAndItsLogHoldsNoPath(t *testing.T) {
	p := readWritten(t, map[string]string{"ThrottleRate": "777", "ThrottleBurst": "4444"}).Resources["Api"].Properties
	if at(p, "DefaultRouteSettings", "ThrottlingRateLimit") != 777 || at(p, "DefaultRouteSettings", "ThrottlingBurstLimit") != 4444 {
		t.Error("the gateway is not throttled by ThrottleRate and ThrottleBurst")
	}
	format, _ := at(p, "AccessLogSettings", "Format").(string)
	if !json.Valid([]byte(format)) {
		t.Errorf("the access log is not JSON: %s", format)
	}
	// By mistake, a client may put a value into the path or the query.
	if strings.Contains(strings.ToLower(format), "path") || strings.Contains(format, "querystring") {
		t.Errorf("the access log contains what clients write: %s", format)
	}
}

// cachedErrors are the errors that CloudFront caches for ten seconds by default, whatever the cache policy
// and the response say.
var cachedErrors = []int{400, 403, 404, 405, 414, 500, 501, 502, 503, 504}

func TestTheEdgeKeepsNoAnswerNotEvenAnError(t *testing.T) {
	p := readWritten(t, nil).Resources["Distribution"].Properties["DistributionConfig"]
	const disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	if at(p, "DefaultCacheBehavior", "CachePolicyId") != disabled {
		t.Error("the edge caches")
	}
	kept := map[int]bool{}
	for _, code := range cachedErrors {
		kept[code] = true
	}
	responses, _ := at(p, "CustomErrorResponses").([]any)
	for _, r := range responses {
		code, _ := at(r, "ErrorCode").(int)
		if at(r, "ErrorCachingMinTTL") == 0 && at(r, "ResponsePagePath") == nil {
			delete(kept, code)
		}
	}
	if len(kept) > 0 {
		t.Errorf("the edge caches the errors %v", slices.Sorted(maps.Keys(kept)))
	}
}
