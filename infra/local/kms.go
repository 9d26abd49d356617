package main

import (
	"context"
	"io"

	"keepsake/infra/cloud/kms"
	"keepsake/infra/template"
)

// keyService is KMS with the template's keys. Their material is kept in a file.
type keyService struct {
	keys []template.Key
	log  io.Writer

	url string
}

func (k *keyService) start(context.Context) (stop func(), err error) {
	var specs []kms.Key
	for _, key := range k.keys {
		specs = append(specs, kms.Key{ARN: key.ARN, MAC: key.MAC})
	}
	keys, err := kms.LoadKeys(keysPath, specs)
	if err != nil {
		return nil, err
	}
	listener, err := openEndpoint(loopback)
	if err != nil {
		return nil, err
	}
	k.url = "http://" + listener.Addr().String()
	return serve(listener, kms.New(keys...), k.log), nil
}
