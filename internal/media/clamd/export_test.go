package clamd

// Parse reads an answer.
var Parse = parse
