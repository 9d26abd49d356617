package main

// checks are the promises, in the order of their checks.
var checks = []check{
	// HTTP.
	{"the OpenAPI document is served", servesTheDocument},
	{"a request without a credential is refused", refusesAMissingCredential},
	{"a refused caller is told how to sign in", asksForABearer},
	{"an unknown route is 404 in the contract's envelope", refusesAnUnknownRoute},
	{"a wrong method is 405 in the contract's envelope", refusesAWrongMethod},
	{"a header's name may be spelled in any case", takesHeadersInAnyCase},
	{"no answer may be kept", forbidsCaching},
	{"browsers are told to stay with HTTPS", sendsHSTS},
	{"plain HTTP is not served", servesNoPlainHTTP},
	{"the gateway's own address is closed", closesTheGateway},

	// The edge.
	{"the colon form reaches undelete and access", colonForm(":")},
	{"the colon form with %3A reaches undelete and access", colonForm("%3A")},
	{"the colon form with %3a reaches undelete and access", colonForm("%3a")},
	{"a GET of the colon form restores nothing", restoresNothingByGET},
	{"a colon that is encoded twice is part of the id", refusesADoublyEncodedColon},
	{"what an id holds encoded leads nowhere else", splitsNoID},
	{"a value is read by its secret's name, whatever is in the name", readsByName},
	{"no caller gets another's answer", keepsCallersApart},
	{"a 404 is not kept by the edge", cachesNo404},

	// The life of a secret.
	{"a create that is sent again makes one secret", createsOnce},
	{"no answer but an access has the value in it", echoesNoValue},
	{"a value is read by latest, by id and by alias", readsByEachName},
	{"an access of what the caller has is 304", answersNotModified},
	{"a new version is the latest, and the old one stays", addsAVersion},
	{"a version is disabled, enabled and destroyed", changesAVersion},
	{"a resource's etag stands in its header, too", sendsETags},
	{"a stale etag is 409 with the current one", refusesAStaleEtag},
	{"an undelete that is sent again is a success", undeletesAgain},
	{"of two undeletes with one etag, one takes effect", undeletesOnce},
	{"a deleted secret cannot be read, is listed, and comes back", bringsBackWhole},
	{"a hard-deleted secret is gone for every operation", isGoneForGood},
	{"a value of 65,536 bytes is kept, and a longer one refused", limitsTheValue},

	// What no request starts.
	{"the audit trail tells all of it", recordsTheTrail},
	{"a stored credential is validated by the schedule", validatesOnSchedule},
	{"DynamoDB expires what is past its deadline", expiresRows},
	{"the table's stream calls its functions, by the template's filters", callsTheListeners},
	{"a secret is purged after its deadline", skipsThePurge},
}
