package main

import (
	"context"

	"keepsake/infra/envfile"
)

const (
	tokensTable = "TokensTable"
	auditTable  = "AuditTable"
)

// publish tells other programs where the stack is: one that answers.
func (s *stack) publish(context.Context) error {
	if err := s.publishToContainers(); err != nil {
		return err
	}
	return envfile.Write(envfile.Path,
		envfile.BaseURL+"="+s.baseURL(),
		envfile.Token+"="+s.token,
		envfile.DynamoDB+"="+s.dynamodb,
		envfile.KMS+"="+s.kms,
		envfile.Lambda+"="+s.aws,
		envfile.Tokens+"="+tokensTable,
		envfile.Audit+"="+auditTable,
		envfile.OriginKey+"="+s.template.Parameters["OriginKey"])
}
