package auth

type signOn struct{}
