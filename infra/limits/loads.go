package main

// The reads that mixes are made of: of a secret that has been rotated once.
const reading = "access, latest of two"

// named is a load of the page.
type named struct {
	name string
	load
}

var loads = []named{
	{"90 % reads, 9 % new versions, 1 % deletes: one workspace, 10,000 secrets", load{oneWorkspace, usual}},
	{"the same: 1,000 workspaces of 100 secrets", load{manyOfThem, usual}},
	{"the same, and half of the requests are about one secret", load{world{1000, 100, 0.5}, usual}},
	{"an import: creates into one workspace", only("create", oneWorkspace)},
	{"a clear-out: deletes in one workspace", only("delete", oneWorkspace)},
	{"polling: 95 % 304, 5 % reads, one secret", load{oneSecret, []share{{"access, 304", 95}, {reading, 5}}}},
	{"polling: 95 % 304, 5 % reads, one workspace", load{oneWorkspace, []share{{"access, 304", 95}, {reading, 5}}}},
	{"after a deployment: each container's first request, one token", only("a container's first request", oneWorkspace)},
	{"a purge day: erasures in one workspace", only("purge of a due secret", oneWorkspace)},
}

var usual = []share{{reading, 90}, {"create version", 9}, {"delete", 1}}
