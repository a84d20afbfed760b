// Package media makes safe copies of files: of sound, with a masked voice and nothing beside the sound. Programs of others do the
// decoding, each in a process of its own that sees one file through a pipe.
//
// Where the line has an engine that hears, what is said in a copy is written down.
//
// It may import the foundations, engine, and review, whose job deletes blobs. It is the worker's: it opens originals with the day's transit key.
// Nothing in clear touches a disk, and nothing that a stranger made is parsed in this process.
package media
