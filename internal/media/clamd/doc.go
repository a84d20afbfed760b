// Package clamd asks a ClamAV daemon of the operator's own whether a file is one that it knows to be malicious (clamd(8), INSTREAM). It imports
// of Heed the profile alone, and of what it sends and is told it logs nothing.
package clamd
