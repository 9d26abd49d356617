// Package histories holds tests alone: many clients use the operations at once, through the door that
// HTTP requests come by, while DynamoDB is as hostile as it can be, functions are killed and the purge
// runs. What they asked and what they were answered is a history, and a checker says whether the
// contract allows it: whether there is any order of the requests, each somewhere between its question
// and its answer, in which a service that keeps the contract would have answered so.
package histories
