package auth

import (
	"sync"
	"testing"
)

func TestPoliciesThatCannotBeReadAreToldBeforeAnybodyDecides(t *testing.T) {
	shipped := policies
	defer func() { policies = shipped }()
	policies = sync.OnceValues(func() (policySet, error) { return compile("broken.cedar", []byte("permit (")) })
	if ReadPolicies() == nil {
		t.Error("they were read")
	}
}
