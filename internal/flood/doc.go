// Package flood keeps floods away from what is costly: deriving a Receipt's keys, storing a report, taking a file.
//
// A Gate lets everybody in at once while it is quiet. Where much comes from one network, or from all together, it asks for
// work or waiting first, never for who somebody is, and refuses nobody for good. What it knows of anybody is how much came
// of late under a hash of their network, keyed with a key that turns over every hour. All of it lives in memory. Networks of which
// hardly anything came are counted by themselves and go first, so that a flood from a few networks costs the others nothing.
//
// It may import seal and the root. It sees networks and never an address, and no word of what is sent.
package flood
