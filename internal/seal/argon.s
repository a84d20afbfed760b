// Empty: a Go file may declare a function without a body, as argon.go does with fillBlocks, only beside an assembly file.
