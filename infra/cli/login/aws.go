package login

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"keepsake/infra/cli/service"
)

const (
	identityLife = 5 * time.Minute
	// renewBefore is how much of a token's life is not used: AWS's clock may be ahead of this machine's.
	renewBefore = time.Minute
)

// awsIdentity asks AWS for tokens that say who the program is there. It has the credentials that every program on the
// machine finds.
type awsIdentity struct {
	audience string

	mu    sync.Mutex
	token string
	until time.Time
}

// Bearer returns a token of AWS. It asks for a new one a minute before the last one ends.
func (a *awsIdentity) Bearer(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.until.Add(-renewBefore)) {
		return a.token, nil
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return "", service.Fail(service.Failed, "AWS's settings cannot be read: %v", err)
	}
	out, err := sts.NewFromConfig(settings).GetWebIdentityToken(ctx, &sts.GetWebIdentityTokenInput{
		Audience: []string{a.audience}, SigningAlgorithm: aws.String("RS256"), DurationSeconds: aws.Int32(int32(identityLife / time.Second)),
	})
	if err != nil {
		return "", service.Fail(service.Failed, "AWS gives no web identity token: %v", err).
			Because("The account must have outbound identity federation on, and the role the right sts:GetWebIdentityToken.")
	}
	a.token, a.until = aws.ToString(out.WebIdentityToken), aws.ToTime(out.Expiration)
	return a.token, nil
}

// From says where the token is from.
func (a *awsIdentity) From() string { return "AWS (sts:GetWebIdentityToken)" }
