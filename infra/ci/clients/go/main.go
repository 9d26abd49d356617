// Command life leads a secret through its life by the client that oapi-codegen makes from the document.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"life/client"
)

const (
	name  = "go/100%?" // a path must not be read as another one
	value = "a value of Go's"
)

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	c, err := client.NewClientWithResponses(os.Getenv("KEEPSAKE_URL"), client.WithRequestEditorFn(authorize))
	check(err)

	created, err := c.SecretsCreateWithResponse(ctx, nil, client.SecretCreate{Name: name, Kind: client.SecretCreateKindGeneric, Value: value})
	check(err)
	secret := must(created.JSON201, created.Status())

	deleted, err := c.SecretsDeleteWithResponse(ctx, secret.Id, &client.SecretsDeleteParams{IfMatch: secret.Etag})
	check(err)
	expect(deleted.StatusCode() == http.StatusNoContent, deleted.Status())
	found, err := c.SecretsGetWithResponse(ctx, secret.Id, nil)
	check(err)
	inTrash := must(found.JSON200, found.Status())
	expect(inTrash.State == client.SecretStateSoftDeleted, inTrash.State)

	undeleted, err := c.SecretsUndeleteWithResponse(ctx, secret.Id, &client.SecretsUndeleteParams{IfMatch: inTrash.Etag})
	check(err)
	expect(must(undeleted.JSON200, undeleted.Status()).State == client.SecretStateActive, "is not active")

	read, err := c.SecretsAccessVersionWithResponse(ctx, secret.Id, "latest", nil)
	check(err)
	expect(must(read.JSON200, read.Status()).Value == value, "another value was read")

	named, err := c.NamesAccessVersionWithResponse(ctx, name, "latest", nil)
	check(err)
	expect(must(named.JSON200, named.Status()).Value == value, "another value was read by the name")

	late := "too late"
	stale, err := c.SecretsUpdateWithResponse(ctx, secret.Id, &client.SecretsUpdateParams{IfMatch: secret.Etag}, client.SecretUpdate{Description: &late})
	check(err)
	refusal := must(stale.JSON409, stale.Status()).Errors[0]
	expect(refusal.Code == client.ErrorCodeConflict && (*refusal.Metadata)["reason"] == "ABORTED", refusal)
	fmt.Println("go: created, deleted, undeleted, read, by its name too; a stale If-Match is refused")
}

func authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+os.Getenv("KEEPSAKE_TOKEN"))
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](body *T, status string) *T {
	expect(body != nil, status)
	return body
}

func expect(ok bool, found any) {
	if !ok {
		log.Fatal("not as expected: ", found)
	}
}
