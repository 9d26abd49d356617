// Package histories holds only tests. Many clients use the operations at once, by the events that the
// gateway sends, while DynamoDB is as hostile as it can be, functions are killed and the purge runs. Their
// requests and responses are a history. A checker decides whether the contract allows it: whether there
// is an order of the requests, each at a moment between its call and its return, in which a service that
// keeps the contract would have given the same responses.
package histories
