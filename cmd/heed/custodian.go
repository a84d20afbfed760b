package main

// custodianCommand is about those who alone can open an Identity.
type custodianCommand struct {
	Key  custodianKeyCommand  `cmd:"" help:"Make a Custodian's key on a machine apart. Needs no line and no network."`
	Open custodianOpenCommand `cmd:"" help:"Open a request on the machine apart, and make its answer. Needs no line and no network."`
}
