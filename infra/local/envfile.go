package main

import (
	"context"

	"keepsake/infra/envfile"
)

const (
	tokensTable = "TokensTable"
	auditTable  = "AuditTable"
)

// environmentFile says where the stack is, for other programs. It is written when the stack answers.
type environmentFile struct {
	api       *httpAPI
	token     *localToken
	db        *dynamoDB
	keys      *keyService
	pool      *functionPool
	originKey string
}

func (f *environmentFile) start(context.Context) (stop func(), err error) {
	return nil, envfile.Write(envfile.Path,
		envfile.BaseURL+"="+f.api.url(),
		envfile.Token+"="+f.token.value,
		envfile.DynamoDB+"="+f.db.url,
		envfile.KMS+"="+f.keys.url,
		envfile.Lambda+"="+f.pool.url,
		envfile.Tokens+"="+tokensTable,
		envfile.Audit+"="+auditTable,
		envfile.OriginKey+"="+f.originKey)
}
